import type { Deployment, Sysroot } from '@apt-ostree/host';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';

/** The commit of the branch that a deployment is made of: of one that was put together on this host, what it builds on. */
export const baseCommit = ({ repo }: Sysroot, { checksum }: Deployment): string =>
  baseName(readCommit(repo, checksum)) ?? checksum;

/**
 * The same, read; of a commit that was not put together here the commit itself.
 * @param read reads a commit
 */
export function baseOf(commit: CommitInfo, read: (checksum: string) => CommitInfo): CommitInfo {
  const base = commit.metadata['aptostree.clientlayer'] === true ? (baseName(commit) ?? commit.parent) : undefined;
  return base === undefined ? commit : read(base);
}

function baseName({ metadata }: CommitInfo): string | undefined {
  const base = metadata['aptostree.base-commit'];
  return typeof base === 'string' ? base : undefined;
}
