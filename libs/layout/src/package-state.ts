import { posix } from 'node:path';
import { PACKAGE_STATE, SYSIMAGE } from '@apt-ostree/dpkg';
import type { InTree } from './in-tree.ts';
import { moveTree } from './move-tree.ts';
import type { Tmpfiles } from './tmpfiles.ts';

/**
 * Moves dpkg's database, and all else that package tools remember in /var, to /usr/lib/sysimage, so that it is of one piece
 * with the deployment: each old place becomes a link, in the tree and by tmpfiles.
 * @returns the links by path
 */
export function packageState({ tree }: InTree, tmpfiles: Tmpfiles): Map<string, string> {
  const links = new Map<string, string>();
  for (const { path, to } of PACKAGE_STATE) {
    const place = `${SYSIMAGE}/${to}`;
    const target = posix.relative(posix.dirname(path), place);
    const isMoved = tree.isLink(path) && tree.readLink(path) === target && tree.exists(place);
    if (!isMoved && !tree.isDirectory(path) && !tree.isFile(path)) continue;
    if (!isMoved) {
      tree.remove(place);
      moveTree(tree, path, place);
      tree.symlink(target, path);
    }
    tmpfiles.link(`/${path}`, target, true);
    links.set(path, target);
  }
  return links;
}
