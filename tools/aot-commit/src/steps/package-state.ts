import { posix } from 'node:path';
import { PACKAGE_STATE, SYSIMAGE } from '@apt-ostree/dpkg';
import type { Layout } from '../layout.ts';
import type { Tmpfiles } from '../tmpfiles.ts';

/**
 * Moves dpkg's database, and all else that package tools remember in /var, to /usr/lib/sysimage, so that it is of one piece
 * with the deployment: each old place becomes a link, in the tree and by tmpfiles.
 * @returns the links by path
 */
export function packageState({ tree }: Layout, tmpfiles: Tmpfiles): Map<string, string> {
  const links = new Map<string, string>();
  for (const { path, to } of PACKAGE_STATE) {
    if (!tree.isDirectory(path) && !tree.isFile(path)) continue;
    const place = `${SYSIMAGE}/${to}`;
    const target = posix.relative(posix.dirname(path), place);
    tree.remove(place);
    tree.rename(path, place);
    tree.symlink(target, path);
    tmpfiles.link(`/${path}`, target, true);
    links.set(path, target);
  }
  return links;
}
