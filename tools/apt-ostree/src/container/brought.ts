import { byBytes, Tree } from '@apt-ostree/ostree';
import { automaticPackages } from './marks.ts';

/** Names, one a line. In a composed tree there is none: what the base has is not taken away for its own sake. */
const FILE = 'usr/lib/sysimage/apt-ostree/brought';

const namesIn = (tree: Tree): string[] => (tree.readText(FILE) ?? '').split('\n').filter(Boolean);

/** Packages that came in builds of containers for the sake of others, and that nobody has asked for since. */
export function removablePackages(tree = new Tree('/')): string[] {
  const automatic = new Set(automaticPackages(tree).map(({ name }) => name));
  return namesIn(tree).filter((name) => automatic.has(name));
}

/**
 * Remembers what came for the sake of others.
 * @param before names of what was there
 * @param installed names of what is
 */
export function rememberBrought(
  before: ReadonlySet<string>,
  installed: ReadonlySet<string>,
  tree = new Tree('/'),
): void {
  const known = namesIn(tree);
  const isNew = (name: string) => installed.has(name) && !before.has(name);
  const came = automaticPackages(tree).flatMap(({ name }) => (isNew(name) ? [name] : []));
  const names = [...new Set([...known.filter((name) => installed.has(name)), ...came])].sort(byBytes);
  if (names.length > 0 || known.length > 0) tree.write(FILE, names.map((name) => `${name}\n`).join(''));
}
