import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';

/**
 * A setting of a repository: of the group `core` in its configuration, a key file. See ostree.repo-config(5).
 * @returns undefined where it is not set
 * @throws AotError `noInput` and the like where there is no repository
 */
export function repositorySetting(repo: string, key: string): string | undefined {
  let group = '';
  for (const line of configuration(repo)) {
    const [, name] = /^\[(.*)\]\s*$/.exec(line) ?? [];
    group = name ?? group;
    const [, its, value] = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (group === 'core' && its === key) return value;
  }
  return undefined;
}

function configuration(repo: string): string[] {
  try {
    return readFileSync(join(repo, 'config'), 'utf8').split('\n');
  } catch (error) {
    throw explain(error, `cannot open the repository '${repo}'`);
  }
}

/** The mode that a repository's configuration names. */
export const repositoryMode = (repo: string): string => repositorySetting(repo, 'mode') ?? 'bare';

/** Whether what is written to a repository is to be on disk before it counts, unless its owner has told libostree otherwise. */
export const repositorySyncs = (repo: string): boolean => repositorySetting(repo, 'fsync') !== 'false';
