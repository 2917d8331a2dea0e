import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';

const UNITS: Record<string, number> = { MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Bytes that may still be written to a repository: what is free, but for what its configuration leaves to others. */
export function roomIn(repo: string): number {
  const { bavail, blocks, bsize } = statfsSync(repo);
  return Math.max(0, bavail * bsize - reserved(repo, blocks * bsize));
}

/** `min-free-space-size` and `min-free-space-percent`, of which 3 is the default: ostree.repo-config(5). */
function reserved(repo: string, whole: number): number {
  const text = configuration(repo);
  const [, count, unit = ''] = /^min-free-space-size=(\d+)\s*([MGT]B)\s*$/m.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  return (whole * Number(/^min-free-space-percent=(\d+)\s*$/m.exec(text)?.[1] ?? 3)) / 100;
}

function configuration(repo: string): string {
  try {
    return readFileSync(join(repo, 'config'), 'utf8');
  } catch (error) {
    throw explain(error, `cannot open the repository '${repo}'`);
  }
}
