import { comparePackages, type PackageDifference, pendingDeployment, type Sysroot } from '@apt-ostree/host';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';
import type { Facts } from './facts.ts';

/** The deployment that waits for a reboot, compared with the booted one. */
export interface Waiting {
  facts: Facts;
  booted: CommitInfo;
  /** Undefined where one of the commits lists no packages. */
  difference: PackageDifference | undefined;
}

/** What the next boot brings; undefined where nothing of the sysroot runs, or nothing else boots next. */
export function waitingOf(sysroot: Sysroot, all: readonly Facts[]): Waiting | undefined {
  const { booted } = sysroot;
  const next = booted && pendingDeployment(sysroot, booted.stateroot);
  const facts = all.find(({ deployment }) => deployment.id === next?.id);
  if (booted === undefined || facts === undefined) return undefined;
  const commit = all.find(({ deployment }) => deployment.booted)?.commit ?? readCommit(sysroot.repo, booted.checksum);
  return { facts, booted: commit, difference: difference(commit, facts.commit) };
}

const difference = (from: CommitInfo, to: CommitInfo): PackageDifference | undefined =>
  from.packages && to.packages ? comparePackages(from.packages, to.packages) : undefined;
