import { exactly, excluded, type PackageIndex, type Pin } from '@apt-ostree/apt';
import type { Treefile } from '@apt-ostree/treefile';
import type { Archives } from './archives.ts';
import type { Locks } from './locks.ts';

/** What apt must not choose, and what it must. */
export function pinsOf(treefile: Treefile, index: PackageIndex, archives: Archives, locks: Locks): Pin[] {
  return [
    ...(treefile['exclude-packages'] ?? []).flatMap((name) => everywhere(name, archives)),
    ...mergedUsr(index, archives),
    ...locked(locks, archives),
    ...lockfileOnly(index, archives, locks),
  ];
}

/** A pin on a plain name is about the tree's own architecture and `all`. See apt_preferences(5). */
const everywhere = (name: string, { root }: Archives): Pin[] =>
  name.includes(':')
    ? [excluded(name)]
    : [excluded(name), ...root.architectures.slice(1).map((architecture) => excluded(`${name}:${architecture}`))];

/**
 * The trees are born with a merged /usr: the package that converts a running system has nothing to do there, and what
 * depends on it takes usr-is-merged instead.
 */
const mergedUsr = (index: PackageIndex, { wanted }: Archives): Pin[] =>
  index.has('usr-is-merged') && !wanted.some((w) => w.name === 'usrmerge') ? [excluded('usrmerge')] : [];

const locked = ({ packages }: Locks, { root }: Archives): Pin[] =>
  [...packages.values()].map(({ name, architecture, version }) =>
    exactly(root.architectures.slice(1).includes(architecture) ? `${name}:${architecture}` : name, version),
  );

/** Of the sources for locked packages, apt must not see the versions that no lock and no other source has. */
function lockfileOnly(index: PackageIndex, { lockfileOnly: ids }: Archives, { packages }: Locks): Pin[] {
  if (ids.size === 0) return [];
  const known = new Set([...packages.values()].map((p) => `${p.name} ${p.version}`));
  for (const { name, version, source } of index.versions()) if (!ids.has(source.id)) known.add(`${name} ${version}`);
  const hidden = new Map<string, Pin>();
  for (const { name, version } of index.versions())
    if (!known.has(`${name} ${version}`))
      hidden.set(`${name} ${version}`, { ...exactly(`${name}:any`, version), priority: -1 });
  return [...hidden.values()];
}
