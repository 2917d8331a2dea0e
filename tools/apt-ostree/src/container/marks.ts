import { extendedStates, parseStatus } from '@apt-ostree/dpkg';
import { type PackagesManifest, packageId } from '@apt-ostree/manifest';
import { byBytes, Tree } from '@apt-ostree/ostree';

const FILE = 'var/lib/apt/extended_states';

/** Brings apt's marks of what was installed for others only up to date. */
export function markAutomatic(
  { packages, architecture }: Pick<PackagesManifest, 'packages' | 'architecture'>,
  requested: ReadonlySet<string>,
  installed: ReadonlySet<string>,
  tree = new Tree('/'),
): void {
  const old = automaticPackages(tree).filter(({ name }) => installed.has(name) && !requested.has(name));
  const known = new Set(old.map(({ name }) => name));
  const added = packages.filter((p) => p.automatic && !known.has(p.name) && !requested.has(p.name));
  tree.write(tree.followed(FILE), extendedStates(sorted([...old, ...added]), architecture));
}

/** What is asked for by name is not there for others only any more. */
export function markRequested(requested: ReadonlySet<string>, architecture: string, tree = new Tree('/')): void {
  const before = automaticPackages(tree);
  const left = before.filter(({ name }) => !requested.has(name));
  if (left.length < before.length) tree.write(tree.followed(FILE), extendedStates(left, architecture));
}

/** What apt says was installed for others only. */
export const automaticPackages = (tree: Tree): { name: string; architecture: string }[] =>
  parseStatus(tree.readText(FILE) ?? '')
    .filter((s) => s.get('Auto-Installed') === '1')
    .map((s) => ({ name: s.get('Package') ?? '', architecture: s.get('Architecture') ?? '' }));

/** As a compose has them. */
const sorted = <P extends { name: string; architecture: string }>(list: P[]): P[] =>
  list.sort((a, b) => byBytes(packageId(a), packageId(b)));
