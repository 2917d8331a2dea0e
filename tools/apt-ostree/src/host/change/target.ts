import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import {
  chooseStateroot,
  type Deployment,
  mergeDeployment,
  operation,
  pendingDeployment,
  readSysroot,
  requireHost,
  requireLibostree,
  requireSound,
  type Sysroot,
} from '@apt-ostree/host';
import { makeSysrootWritable } from './writable.ts';

export interface TargetArgs {
  sysroot: string;
  stateroot?: string | undefined;
}

/** What a command changes. */
export interface Target {
  sysroot: Sysroot;
  stateroot: string;
  /** Whose origin and kernel arguments the next deployment takes over: the pending one, else the one that runs. */
  base: Deployment;
}

/** Holds the lock of the sysroot around a whole command, so that what was decided is what is written. */
export async function changing<T>(
  args: TargetArgs,
  context: Context,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  requireHost(args.sysroot);
  const what = ['apt-ostree', ...context.path.slice(1)].join(' ');
  return operation(await readSysroot(args.sysroot), { what, wait: false }, async () => {
    await makeSysrootWritable();
    const sysroot = await readSysroot(args.sysroot); // it may have changed while we waited
    const target = targetOf(sysroot, args.stateroot);
    requireSound(sysroot);
    await requireLibostree(); // before anything is downloaded
    return work(target);
  });
}

/** What a command about that stateroot has before it. */
export function targetOf(sysroot: Sysroot, name: string | undefined): Target {
  const stateroot = chooseStateroot(sysroot, name);
  const base = pendingDeployment(sysroot, stateroot) ?? mergeDeployment(sysroot, stateroot);
  if (base === undefined)
    throw new AotError('failed', `cannot find a deployment of stateroot '${stateroot}'`, {
      hint: "'aot-deploy' makes the first one",
    });
  return { sysroot, stateroot, base };
}
