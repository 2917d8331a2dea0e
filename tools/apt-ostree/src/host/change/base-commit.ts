import type { Deployment, Sysroot } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';

/** The commit of the branch that a deployment is made of: of one that was put together on this host, what it builds on. */
export function baseCommit(sysroot: Sysroot, { checksum }: Deployment): string {
  const base = readCommit(sysroot.repo, checksum).metadata['aptostree.base-commit'];
  return typeof base === 'string' ? base : checksum;
}
