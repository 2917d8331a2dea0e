import { statfsSync } from 'node:fs';
import { repositorySetting } from './repository-setting.ts';

const UNITS: Record<string, number> = { MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Bytes that may still be written to a repository: what is free, but for what its configuration leaves to others. */
export function roomIn(repo: string): number {
  const { bavail, blocks, bsize } = statfsSync(repo);
  return Math.max(0, bavail * bsize - reserved(repo, blocks * bsize));
}

/** `min-free-space-size` and `min-free-space-percent`, of which 3 is the default: ostree.repo-config(5). */
function reserved(repo: string, whole: number): number {
  const [, count, unit = ''] = /^(\d+)\s*([MGT]B)$/.exec(repositorySetting(repo, 'min-free-space-size') ?? '') ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  return (whole * Number(repositorySetting(repo, 'min-free-space-percent') ?? 3)) / 100;
}
