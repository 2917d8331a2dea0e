import type { Sysroot } from '@apt-ostree/host';
import { type RunOptions, type RunResult, run } from '@apt-ostree/run';

/** One command of `ostree admin` on a sysroot. The system that runs is not named: libostree then finds it as it booted. */
export const admin = (
  sysroot: Pick<Sysroot, 'path'>,
  [command, ...args]: readonly [string, ...string[]],
  options: RunOptions,
): Promise<RunResult> => {
  const where = sysroot.path === '/' ? [] : [`--sysroot=${sysroot.path}`];
  return run('ostree', ['admin', command, ...where, ...args], options);
};
