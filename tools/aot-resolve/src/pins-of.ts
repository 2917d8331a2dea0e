import { exactly, excluded, type PackageIndex, type Pin } from '@apt-ostree/apt';
import type { Treefile } from '@apt-ostree/treefile';
import type { Archives } from './archives.ts';
import type { Locks } from './locks.ts';

/** What apt must not choose, and what it must. */
export function pinsOf(treefile: Treefile, index: PackageIndex, archives: Archives, locks: Locks): Pin[] {
  return [
    ...(treefile['exclude-packages'] ?? []).map(excluded),
    ...mergedUsr(index, archives),
    ...locked(locks),
    ...lockfileOnly(index, archives, locks),
  ];
}

/**
 * The trees are born with a merged /usr: the package that converts a running system has nothing to do there, and what
 * depends on it takes usr-is-merged instead.
 */
const mergedUsr = (index: PackageIndex, { wanted }: Archives): Pin[] =>
  index.has('usr-is-merged') && !wanted.some((w) => w.name === 'usrmerge') ? [excluded('usrmerge')] : [];

/** A name without architecture stands for the tree's own and for `all`. */
function locked({ packages }: Locks): Pin[] {
  const count = new Map<string, number>();
  for (const { name } of packages.values()) count.set(name, (count.get(name) ?? 0) + 1);
  return [...packages.values()].map(({ name, architecture, version }) =>
    exactly(count.get(name) === 1 ? name : `${name}:${architecture}`, version),
  );
}

/** Of the sources for locked packages, apt must not see the versions that no lock and no other source has. */
function lockfileOnly(index: PackageIndex, { lockfileOnly: ids }: Archives, { packages }: Locks): Pin[] {
  if (ids.size === 0) return [];
  const known = new Set([...packages.values()].map((p) => `${p.name} ${p.version}`));
  for (const { name, version, source } of index.versions()) if (!ids.has(source.id)) known.add(`${name} ${version}`);
  const hidden = new Map<string, Pin>();
  for (const { name, version } of index.versions())
    if (!known.has(`${name} ${version}`)) hidden.set(`${name} ${version}`, { ...exactly(name, version), priority: -1 });
  return [...hidden.values()];
}
