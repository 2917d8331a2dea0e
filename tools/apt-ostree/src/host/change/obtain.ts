import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { pull } from './pull.ts';

/** Makes sure that a commit is here with all its files; from `remote`, unless only what is here may be used. */
export async function obtain(
  repo: string,
  remote: string | undefined,
  commit: string,
  offline: boolean,
  context: Context,
): Promise<void> {
  if (isWhole(repo, commit)) return;
  if (remote !== undefined && !offline) return pull(repo, remote, commit, context);
  throw new AotError('noInput', `cannot deploy commit '${commit}': it is not in the repository of the sysroot`, {
    code: 'no-commit',
    hint: offline ? "without '--cache-only' it is downloaded" : undefined,
  });
}

/** Libostree marks a commit whose files it has not all. */
const isWhole = (repo: string, commit: string): boolean =>
  existsSync(join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commit`)) &&
  !existsSync(join(repo, 'state', `${commit}.commitpartial`));
