import { lstatSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { AotError } from '@apt-ostree/errors';

/** As the kernel: more links than that in one path are a loop. */
const MAX_LINKS = 40;

/**
 * Where a path of a tree is on our side, with every link on the way taken as the tree's own programs would take it: an
 * absolute one begins at the tree's root, and `..` ends there. The last part is not followed.
 * @param root the tree
 * @param path absolute, in the tree
 * @throws AotError `failed` for a loop of links
 */
export function beneath(root: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const last = parts.pop();
  let links = 0;
  let at = '';
  while (parts.length > 0) {
    const part = parts.shift() as string;
    if (part === '.') continue;
    const next = part === '..' ? posix.dirname(at || '/').replace(/\/$/, '') : `${at}/${part}`;
    if (lstatSync(root + next, { throwIfNoEntry: false })?.isSymbolicLink() !== true) {
      at = next;
      continue;
    }
    if (++links > MAX_LINKS) throw new AotError('failed', `cannot find '${path}' in the tree: a loop of links`);
    const target = readlinkSync(root + next);
    if (target.startsWith('/')) at = '';
    parts.unshift(...target.split('/').filter((p) => p !== ''));
  }
  return last === undefined ? root : `${root}${at}/${last}`;
}
