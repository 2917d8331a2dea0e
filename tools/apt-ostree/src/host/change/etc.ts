import type { Context } from '@apt-ostree/cli';
import { etcConflicts, mergeDeployment, requireMergeable } from '@apt-ostree/host';
import type { Target } from './target.ts';

/**
 * Names the files of /etc that were changed here and in the new commit: the merge keeps what is here, and does not say so.
 * @throws AotError `failed` with the paths that would make the merge fail
 */
export function noteEtcConflicts({ sysroot, stateroot }: Target, commit: string, context: Context): void {
  const current = mergeDeployment(sysroot, stateroot);
  if (current === undefined) return;
  const conflicts = etcConflicts(sysroot, current, { commit });
  requireMergeable(conflicts, commit);
  const { bothChanged } = conflicts;
  if (bothChanged.length === 0) return;
  context.note('Changed here and in the new commit; what is here stays:');
  for (const path of bothChanged) context.note(`  ${path}`);
}
