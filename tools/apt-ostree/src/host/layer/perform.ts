import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { Origin } from '@apt-ostree/host';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';
import { finish, packageReport, QUEUED, requireRunning, unchanged } from '../change/report.ts';
import { changing } from '../change/target.ts';
import { openHostCache } from '../host-cache.ts';
import { deployLayer } from './deploy-layer.ts';
import { downloadLayer, type Plan, planLayer, requireLocal } from './layer.ts';
import { type Edited, sameRequests } from './requests.ts';
import { DRY_RUN_ENDS, transactionText } from './transaction.ts';

/** What the commands have in common that change what is layered, or what of the base is overridden. */
export interface PerformArgs {
  sysroot: string;
  stateroot: string | undefined;
  reboot: boolean;
  'dry-run': boolean;
  'allow-inactive'?: boolean;
  'unchanged-exit-77'?: boolean;
  'lock-finalization': boolean;
}

export interface PerformOptions {
  /** What the command does to the origin. */
  edit(before: Origin, base: CommitInfo, cachedir: string): Promise<Edited>;
  offline: boolean;
  downloadOnly?: boolean;
  /** What the command makes of the origin when it is known what comes of it. */
  pin?(plan: Plan): Promise<Origin>;
  /** Said at the end. */
  ending?: string;
}

/** Changes an origin and deploys what comes of it: base and origin make the new tree, never what is deployed now. */
export async function perform(
  args: PerformArgs,
  options: PerformOptions,
  context: Context,
): Promise<string | number | undefined> {
  return changing(args, context, async (target) => {
    const { sysroot } = target;
    requireRunning(args, sysroot);
    const cachedir = openHostCache(sysroot);
    const base = readCommit(sysroot.repo, baseCommit(sysroot, target.base));
    const before = target.base.origin;
    const { origin, added } = await options.edit(before, base, cachedir);
    const noChange = () => unchanged('No change.\n', args['unchanged-exit-77'] ?? false, context);
    const pin = args['dry-run'] ? undefined : options.pin;
    if (pin === undefined && sameRequests(origin, before)) return noChange();
    requireLocal(origin, cachedir);
    const only = args['dry-run'] || options.downloadOnly === true;
    const how = { offline: options.offline, refresh: false, only };
    const pinned = pin ? await planLayer(target, base.checksum, origin, { ...how, only: true }, context, pin) : origin;
    if (sameRequests(pinned, before)) return noChange();
    return planLayer(target, base.checksum, pinned, how, context, async (plan) => {
      if (!args['allow-inactive']) refuseInactive(plan, added);
      if (args['dry-run']) return transactionText(plan, base.packages ?? []) + DRY_RUN_ENDS;
      if (options.downloadOnly) {
        await downloadLayer(plan);
        return 'Update downloaded.\n';
      }
      const commit = await deployLayer(target, plan, { lockFinalization: args['lock-finalization'] }, context);
      return finish(packageReport(target, commit ?? base.checksum), args, context, options.ending ?? QUEUED);
    });
  });
}

/** A request that the base fulfils already is more often a mistake than a wish to keep the package for later. */
function refuseInactive({ inactive }: Plan, added: readonly string[]): void {
  const needless = inactive.filter(({ request }) => added.includes(request));
  if (needless.length === 0) return;
  const lines = needless.map(({ request, by }) => `"${request}" is already provided by: ${by}`);
  throw new AotError('failed', `${lines.join('; ')}. Use --allow-inactive to explicitly require it.`, {
    code: 'inactive',
  });
}
