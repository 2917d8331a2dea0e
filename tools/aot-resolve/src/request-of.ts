import type { Treefile } from '@apt-ostree/treefile';

/** What of a treefile decides the solution, besides its sources. */
const KEYS = ['packages', 'exclude-packages', 'repo-packages', 'recommends', 'releasever'] as const;

/** The part of a treefile that decides the solution, with defaults filled in. */
export const requestOf = (treefile: Treefile): unknown[] => [
  ...KEYS.map((key) => treefile[key] ?? (key === 'recommends' ? true : null)),
  ...(treefile['base-image'] === undefined ? [] : [treefile['base-image']]),
];
