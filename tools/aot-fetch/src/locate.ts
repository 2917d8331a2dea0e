import { lockfileSourcesOf, sourcesOf } from '@apt-ostree/apt';
import { packageUrls } from '@apt-ostree/apt/transport';
import type { PackageItem } from '@apt-ostree/manifest';

export interface Located {
  item: PackageItem;
  urls: readonly URL[];
}

/** Finds where each package may be had: from the treefile's or this machine's sources, then from `lockfile-repos`. */
export async function locate(
  items: readonly PackageItem[],
  { treefile, sourceRoot }: { treefile: Record<string, unknown>; sourceRoot: string },
): Promise<Located[]> {
  const sources = await sourcesOf(treefile, sourceRoot);
  const locked = await lockfileSourcesOf(treefile, sourceRoot);
  return items.map((item) => ({ item, urls: packageUrls(item, sources, locked) }));
}
