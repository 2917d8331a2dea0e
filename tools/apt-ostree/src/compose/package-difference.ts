import { compareVersions } from 'deb-version';

export interface Installed {
  name: string;
  version: string;
  architecture: string;
}

type Named = [name: string, version: string, architecture: string];
type Change = { PreviousPackage?: Named; NewPackage?: Named };
/** Name, kind of change, and the packages: rpm-ostree's a(sua{sv}). */
export type Difference = [name: string, kind: number, change: Change];

const KIND = { added: 0, removed: 1, upgraded: 2, downgraded: 3 } as const;

/**
 * What changed between two lists of packages, by kind and name, with versions in Debian's order (Policy 5.6.12).
 * @param native the architecture of the tree: a package that moves between it and `all` stays the same package
 */
export function packageDifference(
  before: readonly Installed[],
  after: readonly Installed[],
  native: string,
): Difference[] {
  const key = (p: Installed) => `${p.name}:${p.architecture === 'all' ? native : p.architecture}`;
  const old = new Map(before.map((p) => [key(p), p]));
  const now = new Map(after.map((p) => [key(p), p]));
  const gone = before.filter((p) => !now.has(key(p))).map((p) => row(KIND.removed, p, undefined));
  const rest = after.flatMap((p) => change(old.get(key(p)), p));
  return [...gone, ...rest].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
}

function change(from: Installed | undefined, to: Installed): Difference[] {
  if (from === undefined) return [row(KIND.added, undefined, to)];
  const order = compareVersions(from.version, to.version);
  if (order === 0) return [];
  return [row(order < 0 ? KIND.upgraded : KIND.downgraded, from, to)];
}

function row(kind: number, from: Installed | undefined, to: Installed | undefined): Difference {
  const change: Change = {
    ...(from ? { PreviousPackage: named(from) } : {}),
    ...(to ? { NewPackage: named(to) } : {}),
  };
  return [(to ?? from)?.name ?? '', kind, change];
}

const named = (p: Installed): Named => [p.name, p.version, p.architecture];
