import type { Tree } from '@apt-ostree/ostree';

/** The paths of the tree that a row means: the path itself, or every match of a `*` in its last component. */
export function matches(tree: Tree, pattern: string): string[] {
  const cut = pattern.lastIndexOf('/');
  const [directory, name] = [pattern.slice(0, Math.max(cut, 0)), pattern.slice(cut + 1)];
  if (!name.includes('*')) return tree.exists(pattern) ? [pattern] : [];
  const expression = new RegExp(`^${name.split('*').map(literal).join('.*')}$`);
  return tree
    .list(tree.followed(directory))
    .filter((n) => expression.test(n))
    .map((n) => (directory === '' ? n : `${directory}/${n}`));
}

const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
