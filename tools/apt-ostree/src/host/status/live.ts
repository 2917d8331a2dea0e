import { comparePackages, type Deployment, type PackageDifference, type Sysroot } from '@apt-ostree/host';
import { hasCommit, readCommit } from '@apt-ostree/ostree';
import { readLive } from '../apply-live/state.ts';

export interface LiveFacts {
  /** The commit that the running /usr shows; undefined where it is the booted one. */
  commit: string | undefined;
  /** Where a run was broken off on its way to another. */
  interrupted: string | undefined;
  /** From the booted commit; undefined where one of the two lists no packages. */
  difference: PackageDifference | undefined;
}

export function liveOf({ repo }: Sysroot, booted: Deployment): LiveFacts | undefined {
  const state = readLive(booted);
  if (state === undefined) return undefined;
  const commit = state.commit === booted.checksum ? undefined : state.commit;
  if (commit === undefined && state.inProgress === undefined) return undefined;
  const packages = (c: string) => (hasCommit(repo, c) ? readCommit(repo, c).packages : undefined);
  const [before, after] = [packages(booted.checksum), packages(commit ?? booted.checksum)];
  const difference = before && after && commit !== undefined ? comparePackages(before, after) : undefined;
  return { commit, interrupted: state.inProgress, difference };
}
