import type { Package, PackageChange, PackageDifference } from '@apt-ostree/host';

/** A difference of packages in blocks, as rpm-ostree prints it; empty where nothing differs. */
export const formatDifference = (difference: PackageDifference): string =>
  [
    block('Upgraded', difference.upgraded.map(changed)),
    block('Downgraded', difference.downgraded.map(changed)),
    block('Removed', difference.removed.map(named)),
    block('Added', difference.added.map(named)),
  ].join('');

/** In one line: `3 upgraded, 1 removed, 2 added`. */
export const countDifference = (difference: PackageDifference): string =>
  (['upgraded', 'downgraded', 'removed', 'added'] as const)
    .filter((kind) => difference[kind].length > 0)
    .map((kind) => `${difference[kind].length} ${kind}`)
    .join(', ');

const block = (title: string, lines: string[]): string =>
  lines.length === 0 ? '' : `${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`;

export const changed = (c: PackageChange): string => `${c.name} ${c.from.version} -> ${c.to.version}`;
export const named = (p: Package): string => `${p.name} ${p.version} ${p.architecture}`;
