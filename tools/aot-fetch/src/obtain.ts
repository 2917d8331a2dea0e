import type { Context, Phase } from '@apt-ostree/cli';
import { type ArchiveItem, archivePath, type PackageItem, packageId } from '@apt-ostree/manifest';
import type { DownloadOptions, Downloads } from './downloads.ts';
import type { Need } from './needs.ts';

/**
 * Yields the item of every package, in the order of the manifest, each as soon as it and those before it are there;
 * meanwhile the downloads run ahead. So the output is the same however the network behaves.
 */
export async function* obtain(
  all: readonly Need[],
  options: DownloadOptions,
  context: Context,
): AsyncGenerator<ArchiveItem> {
  const missing = [...new Map(all.filter((n) => n.download).map((n) => [n.item.sha256, n.item])).values()];
  const total = missing.reduce((sum, item) => sum + item.size, 0);
  const phase = context.progress.phase('download', total, 'bytes');
  const downloads = missing.length > 0 ? await begin(missing, options, context, phase) : undefined;
  try {
    for (const need of all) {
      if (need.download) await downloads?.arrival(need.item.sha256);
      yield itemOf(need);
    }
    phase.end();
  } finally {
    await downloads?.close();
  }
}

/** What talks to servers is only loaded when one is needed: most runs find everything in the cache. */
async function begin(
  missing: readonly PackageItem[],
  options: DownloadOptions,
  context: Context,
  phase: Phase,
): Promise<Downloads> {
  const { startDownloads } = await import('./downloads.ts');
  return startDownloads(missing, options, context, phase);
}

const itemOf = ({ item, imported, file }: Need): ArchiveItem => ({
  package: packageId(item),
  sha256: item.sha256,
  ...(file ? { file: archivePath(item.sha256) } : {}),
  ...(imported === undefined ? {} : { imported }),
});
