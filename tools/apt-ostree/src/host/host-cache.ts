import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';
import type { Sysroot } from '@apt-ostree/host';
import { makeDirectories } from '@apt-ostree/run';

/**
 * The cache directory of a host: within the repository of its sysroot, which is the package cache, so that trees are links
 * to its objects. Indices and archives belong to that system, whoever works on it.
 */
export const hostCache = ({ repo }: Pick<Sysroot, 'repo'>): string => join(repo, 'extensions/apt-ostree');

/** Whether a repository has anything that only we keep there: a package cache, or refs below `aot/`. */
export const keepsOwn = (sysroot: Pick<Sysroot, 'repo'>): boolean =>
  existsSync(hostCache(sysroot)) || existsSync(join(sysroot.repo, 'refs/heads/aot'));

/** Makes it, where it is not there yet. */
export function openHostCache(sysroot: Pick<Sysroot, 'repo'>): string {
  const cachedir = hostCache(sysroot);
  makeDirectories(cachedir, { what: `cannot make the package cache of '${sysroot.repo}'` });
  const link = join(cachedir, 'repo');
  try {
    if (!existsSync(link)) symlinkSync('../..', link);
  } catch (error) {
    throw explain(error, `cannot make the package cache of '${sysroot.repo}'`);
  }
  return cachedir;
}
