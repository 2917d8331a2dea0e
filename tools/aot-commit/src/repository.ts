import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { isRepository, ostree } from '@apt-ostree/ostree';
import { makeDirectories, run } from '@apt-ostree/run';

/** Makes a repository where none is; never touches one that is there, nor a directory with other content. */
export async function ensureRepository(repo: string, mode: 'bare' | 'bare-user'): Promise<void> {
  if (isRepository(repo)) return checkWritable(repo);
  if (existsSync(join(repo, 'config')) || existsSync(join(repo, 'refs'))) {
    throw new AotError('data', `cannot use repository '${repo}': it is not whole`, {
      hint: "look at it with 'ostree fsck', or name another directory",
      code: 'broken-repository',
    });
  }
  const what = `cannot create repository '${repo}'`;
  makeDirectories(repo, { what, hint: OTHER_REPOSITORY });
  await ostree(repo, ['init', `--mode=${mode}`], what);
}

const OTHER_REPOSITORY = 'name a repository that you may write to with --repo';

function checkWritable(repo: string): void {
  try {
    for (const directory of ['objects', 'refs', 'tmp']) accessSync(join(repo, directory), constants.W_OK);
  } catch (error) {
    throw asCreation(explain(error, `cannot write to repository '${repo}'`));
  }
}

const asCreation = (error: unknown): unknown =>
  error instanceof AotError && error.exit !== 74
    ? new AotError('cannotCreate', error.message, {
        hint: OTHER_REPOSITORY,
        cause: error,
      })
    : error;

/** The commit that a ref or an abbreviated checksum names; undefined when there is none. */
export async function revision(repo: string, rev: string): Promise<string | undefined> {
  if (!isRepository(repo)) return undefined;
  const result = await run('ostree', [`--repo=${repo}`, 'rev-parse', rev], { ok: 'any' });
  if (result.exitCode === 0) return result.stdout.trim();
  if (/Refspec .* not found|No such metadata object|not found/i.test(result.stderr)) return undefined;
  throw new AotError('data', `cannot read repository '${repo}': ${result.stderr.trim().replace(/^error: /, '')}`, {
    hint: "check it with 'ostree fsck'",
    code: 'broken-repository',
  });
}

/** A string in the metadata of a commit; undefined when it has none by that name. */
export async function metadataString(repo: string, commit: string, key: string): Promise<string | undefined> {
  const result = await run('ostree', [`--repo=${repo}`, 'show', `--print-metadata-key=${key}`, commit], { ok: 'any' });
  const quoted = result.exitCode === 0 ? result.stdout.trim() : '';
  return /^'.*'$/.test(quoted) ? quoted.slice(1, -1).replace(/\\(.)/g, '$1') : undefined;
}

/** The text of a file in a commit; undefined when it is not there. */
export async function fileInCommit(repo: string, commit: string, path: string): Promise<string | undefined> {
  const result = await run('ostree', [`--repo=${repo}`, 'cat', commit, `/${path}`], { ok: 'any' });
  return result.exitCode === 0 ? result.stdout : undefined;
}
