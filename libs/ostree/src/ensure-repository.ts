import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { makeDirectories } from '@apt-ostree/run';
import { isRepository, ostree } from './ostree.ts';
import { repositoryMode } from './repository-setting.ts';

/** Modes that keep owners and modes of files, and extended attributes as we read them. */
const MODES = ['bare', 'bare-user', 'archive', 'archive-z2'];

/**
 * Makes a repository where none is; never touches one that is there, nor a directory with other content.
 * @throws AotError `data` for a repository of a mode that cannot hold a system: libostree would write it damaged
 */
export async function ensureRepository(repo: string, mode: 'bare' | 'bare-user'): Promise<void> {
  if (isRepository(repo)) {
    checkMode(repo);
    return checkWritable(repo);
  }
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

function checkMode(repo: string): void {
  const mode = repositoryMode(repo);
  if (MODES.includes(mode)) return;
  throw new AotError('data', `cannot use repository '${repo}': mode '${mode}' does not keep owners of files`, {
    hint: "name another one, made with 'ostree init --mode=archive'",
    code: 'repository-mode',
  });
}

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
