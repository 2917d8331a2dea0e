import table from './data/package-state.json' with { type: 'json' };

/** Where the state of packages is in a commit: per deployment, read-only, below /usr. */
export const SYSIMAGE = 'usr/lib/sysimage';

/** What package tools remember in /var, and where below SYSIMAGE a commit has it; with a reason each. */
export const PACKAGE_STATE: readonly { path: string; to: string; reason: string }[] = table;
