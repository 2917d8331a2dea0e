import { lstatSync, realpathSync } from 'node:fs';

/**
 * True when a path of a tree is a directory and no part of it is a link, so that we may work in it from outside: scripts
 * can have made a link to anywhere of anything.
 */
export function trueDirectory(root: string, path: string): boolean {
  if (lstatSync(root + path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  return realpathSync(root + path) === realpathSync(root) + path;
}
