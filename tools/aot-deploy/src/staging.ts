import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { Sysroot } from '@apt-ostree/host';

interface Asked {
  /** --stage was given. */
  asked: boolean;
  /** --lock-finalization was given. */
  locked: boolean;
  /** Something that libostree cannot stage was given. */
  direct?: boolean;
}

/** Whether a new deployment is staged: only a booted system has a shutdown to finalize it, and there it is the rule. */
export function staging(sysroot: Sysroot, { asked, locked, direct = false }: Asked, context: Context): boolean {
  if (sysroot.isBooted) return !direct;
  const option = asked ? '--stage' : locked ? '--lock-finalization' : undefined;
  if (option !== undefined)
    throw new AotError('failed', `cannot use '${option}' on '${sysroot.path}': the system is not booted from it`, {
      code: 'not-booted',
      hint: 'without it the deployment is written at once',
    });
  context.note(`'${sysroot.path}' is not booted: the deployment is written at once, not staged`);
  return false;
}
