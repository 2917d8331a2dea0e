import { AotError } from '@apt-ostree/errors';
import { etcConflicts, mergeDeployment, type Sysroot } from '@apt-ostree/host';

/**
 * Makes sure that /etc can be merged into a commit's. Libostree would find out at shutdown, with nobody there to read it,
 * and the machine would boot as before.
 * @throws AotError `failed` with the paths
 */
export function checkMerge(sysroot: Sysroot, stateroot: string, commit: string): void {
  const merge = mergeDeployment(sysroot, stateroot);
  if (merge === undefined || merge.checksum === commit) return;
  const { refused } = etcConflicts(sysroot, merge, { commit });
  if (refused.length === 0) return;
  const list = refused.map(({ path, reason }) => `'${path}': ${reason}`).join('; ');
  throw new AotError('failed', `cannot merge /etc into '${commit}': ${list}`, {
    code: 'etc-conflict',
    hint: 'move what is in the way out of /etc, and run the command again',
  });
}
