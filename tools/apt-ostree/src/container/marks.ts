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
  const before = parseStatus(tree.readText(FILE) ?? '');
  const has = (s: (typeof before)[number]) => s.get('Auto-Installed') === '1';
  const marked = before
    .filter(has)
    .map((s) => ({ name: s.get('Package') ?? '', architecture: s.get('Architecture') ?? '' }));
  const old = marked.filter(({ name }) => installed.has(name) && !requested.has(name));
  const known = new Set(old.map(({ name }) => name));
  const added = packages.filter((p) => p.automatic && !known.has(p.name) && !requested.has(p.name));
  tree.write(tree.followed(FILE), extendedStates(sorted([...old, ...added]), architecture));
}

/** As a compose has them. */
const sorted = <P extends { name: string; architecture: string }>(list: P[]): P[] =>
  list.sort((a, b) => byBytes(packageId(a), packageId(b)));
