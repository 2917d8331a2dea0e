import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type Origin, readSysroot, requireHost, withoutTransient } from '@apt-ostree/host';
import { deployBase } from '../change/deploy-base.ts';
import { refuseBoth } from '../change/refuse.ts';
import { finish, REBOOT_HINT, requireRunning } from '../change/report.ts';
import { changing, targetOf } from '../change/target.ts';
import type { InitramfsArgs } from './command.ts';

/** `initramfs`: shows whether the initramfs is made here, or deploys the same packages with one that is, or is not. */
export async function initramfs(args: InitramfsArgs, context: Context): Promise<string | undefined> {
  refuseBoth(args, 'enable', 'disable');
  if (args.arg.length > 0 && !args.enable) throw new AotError('usage', "cannot use '--arg' without '--enable'");
  if (!args.enable && !args.disable) return display(args);
  return changing(args, context, async (target) => {
    requireRunning(args, target.sysroot);
    const { checksum: commit, origin } = target.base;
    requireOther(origin, args);
    const next = { ...withoutTransient(origin), regenerateInitramfs: args.enable, initramfsArgs: args.arg };
    await deployBase(target, { commit, origin: next, lockFinalization: args['lock-finalization'] }, context);
    const now = args.enable
      ? `Initramfs regeneration is now: enabled\n${argsLine(args.arg)}`
      : 'Initramfs regeneration is now: disabled\n';
    const back = args.enable ? '' : 'Initramfs will be reset to default on next reboot.\n';
    return finish(now + back, args, context, REBOOT_HINT);
  });
}

/** The same again is a mistake: it would take long, and change nothing. */
function requireOther(origin: Origin, args: InitramfsArgs): void {
  const same = origin.regenerateInitramfs === args.enable;
  if (!same || origin.initramfsArgs.join('\n') !== args.arg.join('\n')) return;
  throw new AotError('failed', `initramfs regeneration state is already ${state(args.enable)}`, { code: 'unchanged' });
}

async function display(args: InitramfsArgs): Promise<string> {
  for (const option of ['reboot', 'lock-finalization'] as const)
    if (args[option]) throw new AotError('usage', `cannot use '--${option}' without '--enable' or '--disable'`);
  requireHost(args.sysroot, { root: false });
  const { origin } = targetOf(await readSysroot(args.sysroot), args.stateroot).base;
  return `Initramfs regeneration: ${state(origin.regenerateInitramfs)}\n${argsLine(origin.initramfsArgs)}`;
}

const state = (enabled: boolean): string => (enabled ? 'enabled' : 'disabled');
const argsLine = (words: readonly string[]): string =>
  words.length === 0 ? '' : `Initramfs args: ${words.join(' ')}\n`;
