import { etcConflicts, mergeDeployment, requireMergeable, type Sysroot } from '@apt-ostree/host';

/**
 * Makes sure that the /etc of the deployment before can be merged into a commit's.
 * @throws AotError `failed` with the paths
 */
export function checkMerge(sysroot: Sysroot, stateroot: string, commit: string): void {
  const merge = mergeDeployment(sysroot, stateroot);
  if (merge === undefined || merge.checksum === commit) return;
  requireMergeable(etcConflicts(sysroot, merge, { commit }), commit);
}
