import {
  comparePackages,
  etcConflicts,
  type PackageDifference,
  pendingDeployment,
  type Sysroot,
} from '@apt-ostree/host';
import type { KeptImage } from '@apt-ostree/oci';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';
import type { Advisory } from '../advisory.ts';
import { advisoriesTo } from '../cached-update.ts';
import { baseOf } from '../change/base-commit.ts';
import type { Facts } from './facts.ts';

/** The deployment that waits for a reboot, compared with the booted one. */
export interface Waiting {
  facts: Facts;
  booted: CommitInfo;
  /** Of a layered booted deployment the commit below it, else the same. */
  bootedBase: CommitInfo;
  /** Where the booted deployment follows a container image. */
  bootedImage: KeptImage | undefined;
  /** Undefined where one of the commits lists no packages. */
  difference: PackageDifference | undefined;
  /** Security updates that it brings, as far as they are known. */
  advisories: readonly Advisory[];
  /** Changed here, and otherwise by the new tree: what is here stays. Only looked for on demand; undefined where we may not. */
  changedInEtc: string[] | undefined;
  /** What will make the merge of /etc fail, with the reason. */
  refusedInEtc: string[];
}

/** What the next boot brings; undefined where nothing of the sysroot runs, or nothing else boots next. */
export function waitingOf(sysroot: Sysroot, all: readonly Facts[], withEtc = false): Waiting | undefined {
  const { booted } = sysroot;
  const next = booted && pendingDeployment(sysroot, booted.stateroot);
  const facts = all.find(({ deployment }) => deployment.id === next?.id);
  if (booted === undefined || facts === undefined) return undefined;
  const running = all.find(({ deployment }) => deployment.booted);
  const commit = running?.commit ?? readCommit(sysroot.repo, booted.checksum);
  return {
    ...{ facts, booted: commit, bootedImage: running?.image },
    bootedBase: running?.base ?? baseOf(commit, (checksum) => readCommit(sysroot.repo, checksum)),
    ...{ difference: difference(commit, facts.commit), ...etc(sysroot, facts, withEtc) },
    advisories: advisoriesTo(sysroot, facts.base.checksum),
  };
}

/** A deployment that is not staged was merged when it was made. Only root can read all of /etc. */
function etc(sysroot: Sysroot, { deployment }: Facts, wanted: boolean): Pick<Waiting, 'changedInEtc' | 'refusedInEtc'> {
  const { booted } = sysroot;
  if (!wanted || booted === undefined || !deployment.staged) return { changedInEtc: [], refusedInEtc: [] };
  if (process.getuid?.() !== 0) return { changedInEtc: undefined, refusedInEtc: [] };
  const { bothChanged, refused } = etcConflicts(sysroot, booted, { commit: deployment.checksum });
  return { changedInEtc: bothChanged, refusedInEtc: refused.map(({ path, reason }) => `${path}: ${reason}`) };
}

const difference = (from: CommitInfo, to: CommitInfo): PackageDifference | undefined =>
  from.packages && to.packages ? comparePackages(from.packages, to.packages) : undefined;
