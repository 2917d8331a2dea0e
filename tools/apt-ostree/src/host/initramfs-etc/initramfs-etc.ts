import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { readSysroot, requireHost, withoutTransient } from '@apt-ostree/host';
import { deployBase } from '../change/deploy-base.ts';
import { trackedPath } from '../change/initramfs/tracked.ts';
import { refuseBoth } from '../change/refuse.ts';
import { finish, QUEUED, requireRunning, unchanged } from '../change/report.ts';
import { changing, targetOf } from '../change/target.ts';
import type { InitramfsEtcArgs } from './command.ts';

/** `initramfs-etc`: shows which files of /etc are in the initramfs, or deploys the same commit with others. */
export async function initramfsEtc(args: InitramfsEtcArgs, context: Context): Promise<string | number | undefined> {
  refuseBoth(args, 'untrack-all', 'untrack');
  if (isDisplay(args)) return display(args);
  const [track, untrack] = [args.track.map(trackedPath), args.untrack.map(trackedPath)];
  return changing(args, context, async (target) => {
    requireRunning(args, target.sysroot);
    const before = target.base.origin.initramfsEtc;
    const kept = args['untrack-all'] ? [] : before.filter((path) => !untrack.includes(path));
    const next = [...new Set([...kept, ...track])].sort();
    const same = next.join('\n') === [...before].sort().join('\n');
    if (same && !args['force-sync']) return unchanged('No changes.\n', args['unchanged-exit-77'], context);
    const origin = { ...withoutTransient(target.base.origin), initramfsEtc: next };
    const lockFinalization = args['lock-finalization'];
    await deployBase(target, { commit: target.base.checksum, origin, lockFinalization }, context);
    return finish('', args, context, QUEUED);
  });
}

const isDisplay = (args: InitramfsEtcArgs): boolean =>
  args.track.length + args.untrack.length === 0 && !args['untrack-all'] && !args['force-sync'];

async function display(args: InitramfsEtcArgs): Promise<string> {
  for (const option of ['reboot', 'lock-finalization'] as const)
    if (args[option]) throw new AotError('usage', `cannot use '--${option}': no tracked file is changed`);
  requireHost(args.sysroot, { root: false });
  const { initramfsEtc } = targetOf(await readSysroot(args.sysroot), args.stateroot).base.origin;
  if (initramfsEtc.length === 0) return 'No tracked files.\n';
  return `Tracked files:\n${initramfsEtc.map((path) => `  ${path}\n`).join('')}`;
}
