import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { etcConflicts, mergeDeployment } from '@apt-ostree/host';
import type { Target } from './target.ts';

/**
 * Names the files of /etc that were changed here and in the new commit: the merge keeps what is here, and does not say so.
 * @throws AotError `failed` where the merge would fail: at a shutdown nobody would read why
 */
export function noteEtcConflicts({ sysroot, stateroot }: Target, commit: string, context: Context): void {
  const current = mergeDeployment(sysroot, stateroot);
  if (current === undefined) return;
  const { bothChanged, refused } = etcConflicts(sysroot, current, { commit });
  const [first] = refused;
  if (first !== undefined)
    throw new AotError('failed', `cannot merge '${first.path}': ${first.reason}`, {
      code: 'etc-conflict',
      hint: 'move it away, and run the command again',
    });
  if (bothChanged.length === 0) return;
  context.note('Changed here and in the new commit; what is here stays:');
  for (const path of bothChanged) context.note(`  ${path}`);
}
