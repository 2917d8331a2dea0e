import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type CommitInfo, isRepository, readCommit, resolveRevision } from '@apt-ostree/ostree';

export interface Source {
  repo: string;
  commit: CommitInfo;
  /** The ref that names it, where one does. */
  ref: string | undefined;
  /** As the manifest has it. */
  architecture: string | undefined;
}

/** The commit that options or standard input name. @throws AotError `noInput` when it is not there */
export async function findSource(args: { repo?: string | undefined; ref?: string | undefined }, context: Context) {
  if (args.repo !== undefined && args.ref !== undefined) return inRepository(args.repo, args.ref);
  const { repo, commit, ref, architecture } = await context.readManifest('aot.commit/v1');
  return { ...inRepository(repo, commit), ref: ref ?? undefined, architecture };
}

function inRepository(repo: string, revision: string): Source {
  if (!isRepository(repo)) throw new AotError('noInput', `cannot open '${repo}': it is no OSTree repository`);
  return { repo, commit: readCommit(repo, resolveRevision(repo, revision)), ref: undefined, architecture: undefined };
}
