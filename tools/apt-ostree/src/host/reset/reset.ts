import type { Context } from '@apt-ostree/cli';
import { type Origin, withoutTransient } from '@apt-ostree/host';
import { baseCommit } from '../change/base-commit.ts';
import { deployBase } from '../change/deploy-base.ts';
import { LATER, refuseLater, requireUnchangedBase } from '../change/refuse.ts';
import { finish, packageReport, QUEUED, requireRunning } from '../change/report.ts';
import { changing } from '../change/target.ts';
import type { ResetArgs } from './command.ts';

/** `reset`: the base without what was changed on this host. */
export async function reset(args: ResetArgs, context: Context): Promise<string | undefined> {
  refuseLater(args, ...LATER);
  return changing(args, context, async (target) => {
    requireRunning(args, target.sysroot);
    const origin = dropped(withoutTransient(target.base.origin), args);
    const commit = baseCommit(target.sysroot, target.base);
    if (commit === target.base.checksum && same(origin, withoutTransient(target.base.origin))) return 'No change.\n';
    requireUnchangedBase(origin);
    await deployBase(target, { commit, origin, lockFinalization: args['lock-finalization'] }, context);
    return finish(packageReport(target, commit), args, context, QUEUED);
  });
}

type What = Pick<ResetArgs, 'overlays' | 'overrides' | 'initramfs'>;

/** Without an option everything goes. */
export function dropped(origin: Origin, { overlays, overrides, initramfs }: What): Origin {
  const all = !overlays && !overrides && !initramfs;
  return {
    ...origin,
    ...(all || overlays ? { packages: { requested: [], requestedLocal: [], requestedLocalFileoverride: [] } } : {}),
    ...(all || overrides ? { overrides: { remove: [], replaceLocal: [], replace: [] } } : {}),
    ...(all || initramfs ? { regenerateInitramfs: false, initramfsEtc: [], initramfsArgs: [] } : {}),
  };
}

const same = (a: Origin, b: Origin): boolean => JSON.stringify(a) === JSON.stringify(b);
