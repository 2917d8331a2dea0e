import type { Package, PackageChange, PackageDifference } from '@apt-ostree/host';

export interface Section {
  title: 'Upgraded' | 'Downgraded' | 'Removed' | 'Added';
  lines: string[];
}

/** A difference as people read it: what changed from which version to which, and what is new or gone. */
export function sections(difference: PackageDifference): Section[] {
  const all: Section[] = [
    { title: 'Upgraded', lines: difference.upgraded.map(changed) },
    { title: 'Downgraded', lines: difference.downgraded.map(changed) },
    { title: 'Removed', lines: difference.removed.map(fullName) },
    { title: 'Added', lines: difference.added.map(fullName) },
  ];
  return all.filter(({ lines }) => lines.length > 0);
}

const changed = ({ name, from, to }: PackageChange): string => `${name} ${from.version} -> ${to.version}`;

/** Name, version and architecture as the name of a .deb has them, with the epoch. */
export const fullName = (p: Package): string => `${p.name}_${p.version}_${p.architecture}`;

/** `1 upgraded, 2 added`; undefined where nothing differs. */
export function countText({ upgraded, downgraded, removed, added }: PackageDifference): string | undefined {
  const counts = Object.entries({ upgraded, downgraded, removed, added }).filter(([, list]) => list.length > 0);
  return counts.length === 0 ? undefined : counts.map(([word, list]) => `${list.length} ${word}`).join(', ');
}
