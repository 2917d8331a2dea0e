import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { currentCommit } from '../status/refs.ts';
import { isChecksum } from './origins.ts';
import { pullError } from './pull-error.ts';
import { requireRemote } from './remote.ts';
import { isScarce, requireRoom } from './room.ts';

export interface PullOptions {
  /** Only commits, without their files: enough to know version, time and packages. */
  metadataOnly?: boolean;
  /** How many ancestors; -1 for all that the remote has. */
  depth?: number;
}

/**
 * Pulls a branch or a commit from a remote with libostree, which verifies signatures, uses static deltas where the server
 * has them, and takes up what an earlier pull left. A ref moves only after everything is there.
 * @throws AotError that names the remote and what was asked for; the sysroot is as before
 */
export async function pull(
  repo: string,
  remote: string,
  what: string,
  context: Context,
  options: PullOptions = {},
): Promise<void> {
  await requireRemote(repo, remote);
  if (!options.metadataOnly && isScarce(repo)) requireRoom(repo, await lookAt(repo, remote, what, context));
  const args = [
    ...['pull', `--repo=${repo}`],
    ...(options.metadataOnly ? ['--commit-metadata-only'] : []),
    ...(options.depth === undefined ? [] : [`--depth=${options.depth}`]),
    ...['--', remote, what],
  ];
  const { exitCode, stderr } = await run('ostree', args, {
    stdout: context.quiet || options.metadataOnly ? 'ignore' : 'stderr',
    ok: 'any',
    signal: context.signal,
  });
  if (exitCode !== 0) throw pullError(stderr, remote, what, repo);
}

/** Fetches a commit without its files. */
async function lookAt(repo: string, remote: string, what: string, context: Context): Promise<string> {
  if (!isChecksum(what)) return peek(repo, remote, what, context);
  await pull(repo, remote, what, context, { metadataOnly: true });
  return what;
}

/** Looks at the head of a branch without moving the ref: the repository has the commit's metadata afterwards. */
export async function peek(
  repo: string,
  remote: string,
  branch: string,
  context: Context,
  options: PullOptions = {},
): Promise<string> {
  const before = await refOf(repo, remote, branch);
  try {
    await pull(repo, remote, branch, context, { ...options, metadataOnly: true });
    const now = await refOf(repo, remote, branch);
    if (now === undefined) throw new AotError('failed', `cannot read branch '${branch}' of remote '${remote}'`);
    return now;
  } finally {
    await restore(repo, `${remote}:${branch}`, before);
  }
}

/**
 * Lets a ref go where a pull moves it only if what it names then is taken.
 * @param work pulls, and throws where it does not want what came
 */
export async function orRefBack<T>(repo: string, refspec: string, work: () => Promise<T>): Promise<T> {
  const before = currentCommit(repo, refspec);
  try {
    return await work();
  } catch (error) {
    if (currentCommit(repo, refspec) !== before) await restore(repo, refspec, before);
    throw error;
  }
}

export async function refOf(repo: string, remote: string, branch: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run('ostree', ['rev-parse', `--repo=${repo}`, `${remote}:${branch}`], {
    ok: 'any',
  });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** A ref must not name a commit whose files are not there. */
async function restore(repo: string, refspec: string, before: string | undefined): Promise<void> {
  const args = before === undefined ? ['--delete', refspec] : ['--force', `--create=${refspec}`, before];
  await run('ostree', ['refs', `--repo=${repo}`, ...args], { what: `cannot restore ref '${refspec}'` });
}
