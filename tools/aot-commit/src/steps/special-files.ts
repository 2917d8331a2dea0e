import { AotError } from '@apt-ostree/errors';
import type { Layout } from '../layout.ts';
import { touched } from '../touched.ts';

/**
 * OSTree stores directories, files and links only. Device nodes go when the treefile says so (the default), anything else
 * special is an error that names every path; /dev and /run are emptied by another step.
 */
export function specialFiles(layout: Layout): void {
  const { tree, settings } = layout;
  const refused: string[] = [];
  for (const { path, stat } of touched(layout, '')) {
    if (stat.isFile() || stat.isDirectory() || stat.isSymbolicLink()) continue;
    const device = stat.isBlockDevice() || stat.isCharacterDevice();
    if (device && settings.ignoreDevices) tree.remove(path);
    else refused.push(`/${path}`);
  }
  if (refused.length === 0) return;
  throw new AotError('data', `cannot commit special files: ${refused.map((p) => `'${p}'`).join(', ')}`, {
    hint: 'remove them in a post-process step; devices belong to udev and sockets to running services',
    code: 'special-file',
  });
}
