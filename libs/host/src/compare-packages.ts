import { compareVersions } from 'deb-version';

export interface Package {
  name: string;
  version: string;
  architecture: string;
}

export interface PackageChange<P extends Package = Package> {
  name: string;
  from: P;
  to: P;
}

export interface PackageDifference<P extends Package = Package> {
  upgraded: PackageChange<P>[];
  downgraded: PackageChange<P>[];
  removed: P[];
  added: P[];
}

/**
 * What differs between two lists of packages, by name, with versions in Debian's order (Policy 5.6.12).
 * @param native the architecture of the tree, by default that of most packages: one that moves between it and `all` stays
 * the same package
 */
export function comparePackages<P extends Package>(
  from: readonly P[],
  to: readonly P[],
  native: string = nativeOf([...from, ...to]),
): PackageDifference<P> {
  const key = (p: Package) => `${p.name}:${p.architecture === 'all' ? native : p.architecture}`;
  const old = new Map(from.map((p) => [key(p), p]));
  const now = new Set(to.map(key));
  const both = to.flatMap((p) => change(old.get(key(p)), p));
  return {
    upgraded: sorted(both.filter((c) => order(c) < 0)),
    downgraded: sorted(both.filter((c) => order(c) > 0)),
    removed: sorted(from.filter((p) => !now.has(key(p)))),
    added: sorted(to.filter((p) => !old.has(key(p)))),
  };
}

const change = <P extends Package>(from: P | undefined, to: P): PackageChange<P>[] =>
  from === undefined ? [] : [{ name: to.name, from, to }];

const order = (c: PackageChange): number => compareVersions(c.from.version, c.to.version);

const sorted = <T extends { name: string }>(list: T[]): T[] =>
  list.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

function nativeOf(packages: readonly Package[]): string {
  const counts = new Map<string, number>();
  for (const { architecture } of packages) counts.set(architecture, (counts.get(architecture) ?? 0) + 1);
  counts.delete('all');
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'all';
}

type Named = [name: string, version: string, architecture: string];
type Packages = { PreviousPackage?: Named; NewPackage?: Named };
/** Name, kind of change (0 added, 1 removed, 2 upgraded, 3 downgraded), and the packages: rpm-ostree's a(sua{sv}). */
export type DifferenceRow = [name: string, kind: 0 | 1 | 2 | 3, packages: Packages];

/** A difference as rpm-ostree's `pkgdiff`, by kind and name. */
export const differenceRows = (difference: PackageDifference): DifferenceRow[] => [
  ...difference.added.map((p): DifferenceRow => [p.name, 0, { NewPackage: named(p) }]),
  ...difference.removed.map((p): DifferenceRow => [p.name, 1, { PreviousPackage: named(p) }]),
  ...difference.upgraded.map((c): DifferenceRow => [c.name, 2, bothNamed(c)]),
  ...difference.downgraded.map((c): DifferenceRow => [c.name, 3, bothNamed(c)]),
];

const bothNamed = (c: PackageChange): Packages => ({ PreviousPackage: named(c.from), NewPackage: named(c.to) });
const named = (p: Package): Named => [p.name, p.version, p.architecture];
