import type { Context } from '@apt-ostree/cli';
import { AotError, isAotError } from '@apt-ostree/errors';
import { operation, readSysroot, requireHost, type Sysroot } from '@apt-ostree/host';
import { cancelIn } from '../daemon/cancel-in.ts';
import { reachRunning } from '../daemon/reach.ts';
import type { CancelArgs } from './command.ts';

/** `cancel`: ends the change that the daemon makes, or else the command that holds the lock of the sysroot. */
export async function cancel(args: CancelArgs, context: Context): Promise<string> {
  const daemon = await reachRunning(args.sysroot);
  const cancelled = daemon && (await cancelIn(daemon, context));
  if (cancelled) return 'Cancelled.\n';
  requireHost(args.sysroot);
  const sysroot = await readSysroot(args.sysroot);
  const holder = await whoHolds(sysroot);
  if (holder === undefined) return 'No active transaction.\n';
  const { title, pid } = parseHolder(holder);
  context.note(`Cancelling transaction: ${title}`);
  terminate(pid);
  await operation(sysroot, { what: 'apt-ostree cancel', wait: true }, async () => {});
  return 'Cancelled.\n';
}

/** What the holder of the lock says of itself; undefined where nobody holds it. */
async function whoHolds(sysroot: Sysroot): Promise<string | undefined> {
  try {
    await operation(sysroot, { what: 'apt-ostree cancel', wait: false }, async () => {});
    return undefined;
  } catch (error) {
    if (!isAotError(error) || error.code !== 'busy') throw error;
    return /held by (.*)$/.exec(error.message)?.[1] ?? '';
  }
}

/** As the lock's file has it: `apt-ostree upgrade (process 123)`. */
export function parseHolder(text: string): { title: string; pid: number } {
  const [, title = '', pid = ''] = /^(?:apt-ostree )?(.*) \(process (\d+)\)$/.exec(text) ?? [];
  if (pid !== '') return { title, pid: Number(pid) };
  throw new AotError('failed', 'cannot cancel: whoever works on the sysroot does not say who it is', {
    hint: 'run the command again in a moment',
  });
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return; // it has just ended
    throw new AotError('os', `cannot end process ${pid}`, { cause: error });
  }
}
