import type { Context } from '@apt-ostree/cli';
import {
  chooseStateroot,
  type Deployment,
  mergeDeployment,
  operation,
  pendingDeployment,
  readSysroot,
  requireHost,
  type Sysroot,
} from '@apt-ostree/host';

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

/**
 * Holds the lock of the sysroot around a whole command, so that what was decided is what is written.
 * @param what the command, for whoever finds the sysroot busy
 */
export async function changing<T>(
  args: TargetArgs,
  context: Context,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  await requireHost(args.sysroot);
  const what = context.path.slice(1).join(' ');
  return operation(await readSysroot(args.sysroot), { what, wait: false }, async () =>
    work(targetOf(await readSysroot(args.sysroot), args.stateroot)),
  );
}

/** What a command of that stateroot is about. */
export function targetOf(sysroot: Sysroot, name: string | undefined): Target {
  const stateroot = chooseStateroot(sysroot, name);
  const base = pendingDeployment(sysroot, stateroot) ?? mergeDeployment(sysroot, stateroot);
  return { sysroot, stateroot, base };
}
