import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { freeBytes, megabytes, parseKeyFile } from '@apt-ostree/host';
import { bytesToFetch, FILE_SIZES, readCommit } from '@apt-ostree/ostree';
import { readText } from '@apt-ostree/run';

/** Larger than a tree: where so much is free, nothing has to be counted. */
const PLENTY = 4_000_000_000;

export const isScarce = (repo: string): boolean => room(repo) < PLENTY;

/**
 * Makes sure that the files of a commit fit that are not here, before they are fetched. A commit that does not say how
 * large they are is for libostree to stop at.
 * @throws AotError `io` with the sizes
 */
export function requireRoom(repo: string, commit: string): void {
  const needed = bytesToFetch(repo, readCommit(repo, commit).metadata[FILE_SIZES]);
  const free = room(repo);
  if (needed === undefined || needed <= free) return;
  throw new AotError(
    'io',
    `cannot pull '${commit}': it needs ${megabytes(needed)} on '${repo}', ${megabytes(free)} are free`,
    {
      code: 'root-full',
      hint: "nothing was changed; 'apt-ostree cleanup --base --rollback' makes space",
    },
  );
}

const room = (repo: string): number => Math.max(0, freeBytes(repo) - reserved(repo));

const UNITS: Record<string, number> = { MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** What libostree leaves free: ostree.repo-config(5). */
function reserved(repo: string): number {
  const file = join(repo, 'config');
  const { core } = parseKeyFile(readText(file), file);
  const [, count, unit = ''] = /^(\d+)\s*([MGT]B)$/.exec(core?.['min-free-space-size'] ?? '') ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  const { blocks, bsize } = statfsSync(repo);
  return (blocks * bsize * Number(core?.['min-free-space-percent'] ?? 3)) / 100;
}
