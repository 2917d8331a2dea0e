import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { trueDirectory } from '@apt-ostree/bwrap';

const PARENTS = ['/var/lib/apt/lists', '/var/cache/apt/archives'];

/**
 * Gives apt's download directories to its sandbox user, as apt does whenever it runs (apt.conf(5), APT::Sandbox::User):
 * here it never ran in the tree. To be called once base-passwd and apt are configured; scripts may have made anything of
 * these paths, so a link among them is left alone.
 * @param root the tree
 */
export function aptDirectories(root: string): void {
  const uid = trueDirectory(root, '/etc') && userId(root, '_apt');
  if (uid === undefined) return;
  for (const parent of PARENTS) {
    if (!trueDirectory(root, parent)) continue;
    const partial = `${root}${parent}/partial`;
    mkdirSync(partial, { recursive: true });
    if (!trueDirectory(root, `${parent}/partial`)) continue;
    chmodSync(partial, 0o700);
    chownSync(partial, Number(uid), 0);
  }
}

const userId = (root: string, name: string): string | undefined =>
  new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(readFileSync(`${root}/etc/passwd`, 'utf8'))?.[1];
