import { exactly, excluded, type PackageIndex, type Pin } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import type { Treefile } from '@apt-ostree/treefile';
import type { Archives } from './archives.ts';
import type { Locks } from './locks.ts';
import { parseWanted } from './wanted.ts';

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
function everywhere(text: string, { root }: Archives): Pin[] {
  const { name, architecture, suite, relation } = parseWanted(text);
  if (suite !== undefined || relation !== undefined)
    throw new AotError('config', `cannot exclude '${text}': only whole packages can be excluded`, {
      hint: `write '${name}' in 'exclude-packages', or ask for the version that you want in 'packages'`,
    });
  if (architecture !== undefined) return [excluded(text)];
  return [excluded(name), ...root.architectures.slice(1).map((a) => excluded(`${name}:${a}`))];
}

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
