import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@apt-ostree/manifest';
import { rootPaths } from './root-config.ts';

/**
 * Removes apt's binary cache when it was made from other indices than are there now. apt itself goes by size and second,
 * so it would take an index for the old one that was replaced within the second by one of the same size.
 */
export function dropStaleCache(path: string): void {
  const { cache, lists } = rootPaths(path);
  const marker = join(cache, 'made-from');
  const now = stateOf(lists);
  if (read(marker) === now) return;
  rmSync(join(cache, 'pkgcache.bin'), { force: true });
  writeFileSync(marker, now);
}

/** Changes with every file that apt replaces: a rename gives another inode. */
function stateOf(lists: string): string {
  const names = readdirSync(lists).filter((name) => name.includes('_dists_') || /Packages|Release/.test(name));
  const rows = names.sort().map((name) => {
    const { ino, ctimeNs, size } = lstatSync(join(lists, name), { bigint: true });
    return `${name} ${ino} ${ctimeNs} ${size}`;
  });
  return sha256(rows.join('\n'));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
