import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';

/**
 * Runs ostree on a repository.
 * @param what what was being done, for the error
 * @returns its standard output
 */
export async function ostree(
  repo: string,
  args: readonly string[],
  what: string,
  signal?: AbortSignal,
): Promise<string> {
  const result = await run('ostree', [`--repo=${repo}`, ...args], { what, ...(signal ? { signal } : {}) });
  return result.stdout;
}

/** Whether there is a repository: libostree wants a configuration and objects. */
export const isRepository = (repo: string): boolean =>
  existsSync(join(repo, 'config')) && existsSync(join(repo, 'objects'));
