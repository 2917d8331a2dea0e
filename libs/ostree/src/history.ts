import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '@apt-ostree/run';
import { type CommitInfo, readCommit } from './read-commit.ts';
import { objectPath } from './read-object.ts';

/** A commit and its ancestors, as far as they are there. */
export function* history(repo: string, head: string): Iterable<CommitInfo> {
  let next: string | undefined = head;
  while (next !== undefined && hasCommit(repo, next)) {
    const commit: CommitInfo = readCommit(repo, next);
    yield commit;
    next = commit.parent;
  }
}

export const hasCommit = (repo: string, commit: string): boolean => existsSync(objectPath(repo, commit, 'commit'));

/** The checksums of all commits that are there, whether a ref leads to them or not. */
export const commitsIn = (repo: string): string[] =>
  namesIn(join(repo, 'objects')).flatMap((start) =>
    namesIn(join(repo, 'objects', start))
      .filter((name) => name.endsWith('.commit'))
      .map((name) => start + name.slice(0, -'.commit'.length)),
  );
