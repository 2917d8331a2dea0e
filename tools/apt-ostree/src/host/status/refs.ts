import { isAotError } from '@apt-ostree/errors';
import { resolveRevision } from '@apt-ostree/ostree';

/** What a branch names now; undefined where the repository does not have it any more. */
export function currentCommit(repo: string, refspec: string): string | undefined {
  try {
    return resolveRevision(repo, refspec);
  } catch (error) {
    if (isAotError(error)) return undefined;
    throw error;
  }
}
