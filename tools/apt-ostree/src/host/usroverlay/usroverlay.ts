import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { operation, readSysroot, requireHost } from '@apt-ostree/host';
import { run } from '@apt-ostree/run';
import { refuseBoth } from '../change/refuse.ts';
import type { UsroverlayArgs } from './command.ts';

/** `usroverlay`: libostree mounts it; here is checked that it can, and said what it is. */
export async function usroverlay(args: UsroverlayArgs, context: Context): Promise<string> {
  refuseBoth(args, 'hotfix', 'transient');
  requireHost(args.sysroot);
  const sysroot = await readSysroot(args.sysroot);
  if (sysroot.booted === undefined)
    throw new AotError('failed', `cannot make /usr writable: the sysroot '${args.sysroot}' is not the one that runs`);
  if (sysroot.booted.unlocked !== 'none')
    throw new AotError('failed', `the deployment is unlocked already: ${sysroot.booted.unlocked}`);
  const options = (['hotfix', 'transient'] as const).filter((name) => args[name]).map((name) => `--${name}`);
  return operation(sysroot, { what: `apt-ostree ${context.path.slice(1).join(' ')}`, wait: false }, async () => {
    const { stdout } = await run('ostree', ['admin', 'unlock', ...options], { what: 'cannot make /usr writable' });
    return stdout;
  });
}
