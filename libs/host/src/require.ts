import { existsSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { inContainer } from './container.ts';

/** Debian 13's; the one before it has neither `set-default` nor `lock-finalization` nor `stateroot-init`. */
export const OLDEST_LIBOSTREE = '2025.2';

/**
 * @throws AotError `os` when the machine's ostree is older than `minimum`, or not there
 */
export async function requireLibostree(minimum = OLDEST_LIBOSTREE): Promise<void> {
  const { stdout } = await run('ostree', ['--version'], { what: 'cannot ask ostree for its version' });
  const version = /Version:\s*'?(\d+\.\d+)/.exec(stdout)?.[1] ?? '';
  if (isAtLeast(version, minimum)) return;
  throw new AotError('os', `cannot use ostree ${version}: it is older than ${minimum}`, {
    code: 'old-ostree',
    hint: 'Debian 13 has it; Debian 12 builds trees and images, and does not deploy them',
  });
}

/** Libostree counts by year and release. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [year = 0, release = 0] = version.split('.').map(Number);
  const [minimumYear = 0, minimumRelease = 0] = minimum.split('.').map(Number);
  return year > minimumYear || (year === minimumYear && release >= minimumRelease);
}

/**
 * @param sysroot the value of --sysroot; `/` is the system that runs
 * @throws AotError `failed` when that was not booted from a deployment; `os` for others than root
 */
export function requireHost(sysroot: string | undefined, options: { root?: boolean } = {}): void {
  if ((sysroot ?? '/') === '/' && !existsSync('/run/ostree-booted')) throw notBooted();
  if (options.root ?? true) requireRoot();
}

/** @throws AotError `os` for others than root */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new AotError('os', 'this command needs the rights of root', { code: 'not-root', hint: 'run it with sudo' });
}

function notBooted(): AotError {
  const { container } = process.env;
  const inside = container ? `; it is a container ('${container}')` : '';
  return new AotError('failed', `this system was not booted via libostree${inside}`, {
    code: 'not-booted',
    hint: inContainer()
      ? "a container is changed by 'install', 'uninstall', 'override', 'cleanup -m' and 'ex rebuild'; the rest is for hosts"
      : 'run it on a host that was, or name a sysroot with --sysroot',
  });
}
