import { lockfileSourcesOf, sourcesOf } from '@apt-ostree/apt';
import { packageUrls } from '@apt-ostree/apt/transport';
import { isAotError } from '@apt-ostree/errors';
import type { PackageItem } from '@apt-ostree/manifest';

export interface Located {
  item: PackageItem;
  urls: readonly URL[];
}

/** What says where the archives are. */
export interface Sources {
  treefile: Record<string, unknown>;
  sourceRoot: string;
  /** Root of the system whose archives these are, whatever the treefile says. */
  system: string | undefined;
}

/** Finds where each package may be had: from the treefile's or this machine's sources, then from `lockfile-repos`. */
export async function locate(
  items: readonly PackageItem[],
  { treefile, sourceRoot, system }: Sources,
): Promise<Located[]> {
  const locked = await lockfileSourcesOf(treefile, sourceRoot);
  const sources = await sourcesOf(treefile, sourceRoot, system).catch((error) => {
    if (isAotError(error) && error.code === 'no-sources' && locked.length > 0) return []; // the lock has its own
    throw error;
  });
  return items.map((item) => ({ item, urls: packageUrls(item, sources, locked) }));
}
