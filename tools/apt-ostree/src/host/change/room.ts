import { AotError } from '@apt-ostree/errors';
import { megabytes } from '@apt-ostree/host';
import { bytesToFetch, FILE_SIZES, readCommit, roomIn } from '@apt-ostree/ostree';

/** Larger than a tree: where so much is free, nothing has to be counted. */
const PLENTY = 4_000_000_000;

export const isScarce = (repo: string): boolean => roomIn(repo) < PLENTY;

/**
 * Makes sure that the files of a commit fit that are not here, before they are fetched. A commit that does not say how
 * large they are is for libostree to stop at.
 * @throws AotError `io` with the sizes
 */
export function requireRoom(repo: string, commit: string): void {
  const needed = bytesToFetch(repo, readCommit(repo, commit).metadata[FILE_SIZES]);
  const free = roomIn(repo);
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
