import { layeredOn } from '@apt-ostree/manifest';
import type { Layout } from '../layout.ts';
import { inTree } from '../sandbox.ts';
import { touched } from '../touched.ts';

/**
 * Makes /etc/ld.so.cache from the libraries that are there now, whatever ran after ldconfig's trigger. ldconfig writes a
 * new file and renames it; its auxiliary cache holds inode numbers and is switched off.
 */
export async function ldCache(layout: Layout): Promise<void> {
  const { tree } = layout;
  if (!tree.exists('usr/sbin/ldconfig') || !tree.exists('etc/ld.so.cache')) return;
  if (layeredOn(layout.manifest) !== undefined && !hasLibraries(layout)) return;
  await inTree(layout, ['ldconfig', '-X', '-i'], { write: true, what: "cannot make '/etc/ld.so.cache'" });
}

/** Whether anything was touched that the cache is about: a library, or where libraries are looked for. */
function hasLibraries(layout: Layout): boolean {
  for (const { path } of touched(layout, '')) if (/\.so(\.|$)|^etc\/ld\.so\./.test(path)) return true;
  return layout.manifest.plan.some((step) => step.action === 'remove');
}
