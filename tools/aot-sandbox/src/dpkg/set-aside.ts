import { chmodSync, chownSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { trueDirectory } from '@apt-ostree/bwrap';
import table from './set-aside.json' with { type: 'json' };

/**
 * Takes away, while a layer is configured, the files by which packages are asked for work whose result no commit keeps: on a
 * base that would be done again for each small package.
 * @param root the tree
 * @returns puts them back as they were
 */
export function setAside(root: string): () => void {
  const files = table.flatMap(({ path }) => {
    if (!trueDirectory(root, dirname(path))) return [];
    const stat = lstatSync(root + path, { throwIfNoEntry: false });
    return stat?.isFile() ? [{ place: root + path, stat, content: readFileSync(root + path) }] : [];
  });
  for (const { place } of files) rmSync(place);
  return () => {
    for (const { place, stat, content } of files) {
      if (lstatSync(place, { throwIfNoEntry: false })) continue; // a script has made it anew
      writeFileSync(place, content, { flag: 'wx' });
      chownSync(place, stat.uid, stat.gid);
      chmodSync(place, stat.mode & 0o7777);
    }
  };
}
