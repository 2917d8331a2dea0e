import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { resolveRevision } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';

/** Takes a commit over from a repository on this machine; no ref is made. */
export async function takeFrom(path: string, ref: string, repo: string): Promise<string> {
  if (!existsSync(join(path, 'objects')) || !existsSync(join(path, 'config')))
    throw new AotError('noInput', `cannot rebase to '${path}:${ref}': '${path}' is no OSTree repository`);
  const commit = resolveRevision(path, ref);
  await run('ostree', ['pull-local', `--repo=${repo}`, '--', path, commit], {
    what: `cannot take commit '${commit}' over from '${path}'`,
    hint: 'nothing was changed',
  });
  return commit;
}
