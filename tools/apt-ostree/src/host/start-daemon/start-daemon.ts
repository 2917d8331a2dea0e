import type { Context } from '@apt-ostree/cli';
import { ownProgram } from '@apt-ostree/pipeline';
import { start } from '@apt-ostree/run';
import type { StartDaemonArgs } from './command.ts';

/** `start-daemon`: the other spelling of apt-ostreed. */
export async function startDaemon(args: StartDaemonArgs, context: Context): Promise<number> {
  const [program = '', ...words] = ownProgram('apt-ostreed');
  const { child, ended } = start(program, [...words, `--sysroot=${args.sysroot}`], {
    stdio: 'inherit',
    env: { ...process.env, ...(args.debug ? { AOT_DEBUG: '1' } : {}) },
  });
  context.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  const { code } = await ended;
  if (context.signal.aborted) throw context.signal.reason;
  return code ?? 1;
}
