import { AotError } from '@apt-ostree/errors';
import { isRepository, openTree, readCommit, resolveRevision } from '@apt-ostree/ostree';
import type { DiskRequest } from './request.ts';

/** The commit that goes on the disk. */
export interface Source {
  repo: string;
  commit: string;
  /** What the origin names, for upgrades. */
  refspec: string | undefined;
  /** When it was made, seconds since the epoch: the clock of everything on the disk. */
  epoch: number;
}

/**
 * Finds the commit, and looks whether it can boot.
 * @throws AotError `noInput` for an unknown revision, `data` for a commit without a kernel
 */
export function findSource(request: DiskRequest): Source {
  const { repo, rev } = request;
  if (!isRepository(repo))
    throw new AotError('noInput', `cannot open '${repo}'`, { hint: 'it must be an OSTree repository' });
  const commit = resolveRevision(repo, rev);
  const { timestamp } = readCommit(repo, commit);
  requireKernel(repo, rev, commit);
  const isRef = !commit.startsWith(rev);
  return { repo, commit, refspec: request.refspec ?? (isRef ? rev : undefined), epoch: timestamp };
}

function requireKernel(repo: string, rev: string, commit: string): void {
  const tree = openTree(repo, commit);
  const modules = '/usr/lib/modules';
  if (tree.list(modules).some((version) => tree.list(`${modules}/${version}`).includes('vmlinuz'))) return;
  throw new AotError('data', `cannot make a disk of '${rev}': the commit has no kernel`, {
    code: 'no-kernel',
    hint: "add a kernel package such as 'linux-image-cloud-amd64' to the treefile",
  });
}
