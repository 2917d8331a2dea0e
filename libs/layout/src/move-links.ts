import { posix } from 'node:path';
import type { Tree } from '@apt-ostree/ostree';

/**
 * Moves a link, which leads where it led from its old place.
 * @param from its path, by the names that a running system has for its directories
 * @param place where it is in the tree, if that is another path
 */
export function moveLink(tree: Tree, from: string, to: string, place: string = from): void {
  const target = tree.readLink(place);
  tree.remove(place);
  tree.symlink(movedTarget(target, from, to), to);
}

/** After a directory, or a link, has moved: relative links in it that lead out of it lead where they did before. */
export function mendLinks(tree: Tree, was: string, is: string): void {
  if (tree.isLink(is)) mend(is);
  for (const { path, stat } of tree.walk(is)) if (stat.isSymbolicLink()) mend(path);

  function mend(path: string): void {
    const before = was + path.slice(is.length);
    const target = tree.readLink(path);
    if (target.startsWith('/') || led(before, target).startsWith(`/${was}/`)) return;
    tree.symlink(movedTarget(target, before, path), path);
  }
}

const led = (path: string, target: string): string => posix.join('/', posix.dirname(path), target);

const movedTarget = (target: string, from: string, to: string): string =>
  target.startsWith('/') ? target : posix.relative(`/${posix.dirname(to)}`, led(from, target));
