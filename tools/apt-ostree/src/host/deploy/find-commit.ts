import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { formatRefspec, type Refspec } from '@apt-ostree/host';
import { type CommitInfo, hasCommit, history, readCommit, resolveRevision } from '@apt-ostree/ostree';
import { peek, pull } from '../change/pull.ts';
import type { Revision } from './revision.ts';

export interface FindOptions {
  /** Only what is here. */
  offline: boolean;
  skipBranchCheck: boolean;
}

/**
 * Finds a commit in the history of a branch; afterwards the repository has its metadata.
 * @throws AotError `failed` where the branch does not have it
 */
export async function findCommit(
  repo: string,
  refspec: Refspec,
  revision: Revision,
  context: Context,
  options: FindOptions,
): Promise<string> {
  if ('checksum' in revision && options.skipBranchCheck) {
    await metadataOf(repo, refspec, revision.checksum, context, options);
    return revision.checksum;
  }
  const head = await headOf(repo, refspec, context, options);
  const wanted = (c: CommitInfo) =>
    'version' in revision ? c.version === revision.version : c.checksum === revision.checksum;
  const found = [...history(repo, head)].find(wanted);
  if (found !== undefined) return found.checksum;
  const what = 'version' in revision ? `version '${revision.version}'` : `commit '${revision.checksum}'`;
  throw new AotError('failed', `cannot find ${what} in '${formatRefspec(refspec)}'`, {
    code: 'not-on-branch',
    hint: 'checksum' in revision ? "'--skip-branch-check' accepts a commit of another branch" : undefined,
  });
}

/** Where the branch is now, with all commits behind it. */
async function headOf(repo: string, refspec: Refspec, context: Context, { offline }: FindOptions): Promise<string> {
  const { remote, branch } = refspec;
  if (remote === undefined || offline) return resolveRevision(repo, formatRefspec(refspec));
  return peek(repo, remote, branch, context, { depth: -1 });
}

async function metadataOf(
  repo: string,
  { remote }: Refspec,
  commit: string,
  context: Context,
  { offline }: FindOptions,
): Promise<void> {
  if (hasCommit(repo, commit)) return;
  if (remote !== undefined && !offline) return pull(repo, remote, commit, context, { metadataOnly: true });
  readCommit(repo, commit); // says that it is not there
}
