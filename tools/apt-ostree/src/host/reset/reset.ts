import type { Context } from '@apt-ostree/cli';
import { formatOrigin, type Origin, withoutTransient } from '@apt-ostree/host';
import { baseCommit } from '../change/base-commit.ts';
import { editsLayer } from '../change/edits-layer.ts';
import { finish, packageReport, QUEUED, requireRunning } from '../change/report.ts';
import { changing } from '../change/target.ts';
import { deployLayer } from '../layer/deploy-layer.ts';
import { planOnto } from '../layer/onto.ts';
import type { ResetArgs } from './command.ts';

/** `reset`: the base without what was changed on this host. */
export async function reset(args: ResetArgs, context: Context): Promise<string | undefined> {
  return changing(args, context, async (target) => {
    requireRunning(args, target.sysroot);
    const before = withoutTransient(target.base.origin);
    const origin = dropped(before, args);
    if (!editsLayer(args) && formatOrigin(origin) === formatOrigin(before)) return 'No change.\n';
    const commit = baseCommit(target.sysroot, target.base);
    const options = { offline: args.install.length === 0, refresh: false };
    return planOnto(target, commit, origin, args, options, context, async (plan) => {
      const made = await deployLayer(target, plan, { lockFinalization: args['lock-finalization'] }, context);
      return made === undefined ? 'No change.\n' : finish(packageReport(target, made), args, context, QUEUED);
    });
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
