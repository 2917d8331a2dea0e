import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { comparePackages, type PackageDifference, type Sysroot } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';
import { formatDifference } from './difference.ts';
import type { Target } from './target.ts';

export const REBOOT_HINT = 'Run "systemctl reboot" to start a reboot\n';
export const QUEUED = `Changes queued for next boot. ${REBOOT_HINT}`;
export const UNCHANGED = 77;

/** What differs between the packages of what runs, or would, and a commit's; undefined where one of them lists none. */
export function differenceTo({ sysroot, base }: Target, commit: string): PackageDifference | undefined {
  const before = readCommit(sysroot.repo, (sysroot.booted ?? base).checksum).packages;
  const after = readCommit(sysroot.repo, commit).packages;
  return before && after ? comparePackages(before, after) : undefined;
}

/** The same as text. */
export function packageReport(target: Target, commit: string): string {
  const difference = differenceTo(target, commit);
  return difference === undefined ? '' : formatDifference(difference);
}

export interface RebootArgs {
  reboot: boolean;
  sysroot: string;
}

/** Before anything is done: only the system that runs can be rebooted. */
export function requireRunning(args: RebootArgs, sysroot: Sysroot): void {
  if (args.reboot && !sysroot.isBooted)
    throw new AotError('usage', `cannot use '--reboot': the sysroot '${args.sysroot}' is not the one that runs`);
}

/** The end of a change: reboots where that was asked for, else says how to. */
export async function finish(
  text: string,
  args: RebootArgs,
  context: Context,
  hint = REBOOT_HINT,
): Promise<string | undefined> {
  if (!args.reboot) return `${text}${hint}`;
  context.write(text);
  await run('systemctl', ['reboot'], { what: 'cannot reboot' });
  return undefined;
}

/** Nothing was changed: says so, with exit code 77 where that was asked for. */
export function unchanged(text: string, exit77: boolean, context: Context): string | number {
  if (!exit77) return text;
  context.write(text);
  return UNCHANGED;
}
