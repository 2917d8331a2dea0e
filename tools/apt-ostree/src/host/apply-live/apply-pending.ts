import type { Context } from '@apt-ostree/cli';
import { inSystem, run } from '@apt-ostree/run';

/** Applies what was just deployed to the running system, in its mount namespace. @returns what it says */
export async function applyPending(context: Context): Promise<string> {
  const self = [process.execPath, process.argv[1] as string, 'apply-live'];
  const [file = '', ...args] = inSystem(self);
  const { stdout } = await run(file, args, {
    what: 'cannot apply the new deployment live',
    hint: 'it is queued for the next boot',
    signal: context.signal,
  });
  return stdout;
}
