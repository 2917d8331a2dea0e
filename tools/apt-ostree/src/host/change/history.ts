import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';

/** A commit and its ancestors, as far as they are there. */
export function* history(repo: string, head: string): Iterable<CommitInfo> {
  let next: string | undefined = head;
  while (next !== undefined && isThere(repo, next)) {
    const commit: CommitInfo = readCommit(repo, next);
    yield commit;
    next = commit.parent;
  }
}

export const isThere = (repo: string, commit: string): boolean =>
  existsSync(join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commit`));
