import type { Context } from '@apt-ostree/cli';
import { comparePackages, readCommit } from '@apt-ostree/host';
import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { formatDifference } from './difference.ts';
import type { Target } from './target.ts';

export const REBOOT_HINT = 'Run "systemctl reboot" to start a reboot\n';
export const QUEUED = `Changes queued for next boot. ${REBOOT_HINT}`;

/** The packages that differ between what runs (or would) and a commit. */
export async function packageReport(target: Target, commit: string): Promise<string> {
  const from = target.sysroot.booted ?? target.base;
  const before = (await readCommit(target.sysroot.repo, from.checksum)).packages;
  const after = (await readCommit(target.sysroot.repo, commit)).packages;
  return before && after ? formatDifference(comparePackages(before, after)) : '';
}

/** --reboot is only for the system that runs. */
export function requireReboot(args: { reboot: boolean; sysroot: string }, isBooted: boolean): void {
  if (args.reboot && !isBooted)
    throw new AotError('usage', `cannot reboot: sysroot '${args.sysroot}' is not the one that runs`);
}

/** The last words of a change: reboots, or says how to. */
export async function finish(text: string, hint: string, args: { reboot: boolean }, context: Context) {
  if (!args.reboot) return `${text}${hint}`;
  if (text) context.write(text);
  await run('systemctl', ['reboot'], { what: 'cannot reboot' });
  return undefined;
}
