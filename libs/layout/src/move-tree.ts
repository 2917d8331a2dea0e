import type { Tree } from '@apt-ostree/ostree';

/**
 * Moves within a tree, also where directories cannot be renamed: on an overlay file system those of its lower layers cannot.
 */
export function moveTree(tree: Tree, from: string, to: string): void {
  try {
    tree.rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV' || !tree.isDirectory(from)) throw error;
    const stat = tree.lstat(from)!;
    tree.mkdir(to);
    tree.adopt(to, stat);
    for (const name of tree.list(from)) moveTree(tree, `${from}/${name}`, `${to}/${name}`);
    tree.remove(from);
  }
}
