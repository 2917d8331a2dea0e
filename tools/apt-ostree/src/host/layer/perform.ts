import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { readCommit } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';
import { finish, packageReport, QUEUED, requireRunning, unchanged } from '../change/report.ts';
import { changing } from '../change/target.ts';
import { openHostCache } from './cache.ts';
import { deployLayer } from './deploy-layer.ts';
import { downloadLayer, type Plan, planLayer, requireLocal } from './layer.ts';
import { type Edit, editRequests } from './requests.ts';
import { DRY_RUN_ENDS, transactionText } from './transaction.ts';

/** What `install` and `uninstall` have in common. */
export interface PerformArgs {
  sysroot: string;
  stateroot: string | undefined;
  reboot: boolean;
  'dry-run': boolean;
  'allow-inactive': boolean;
  'unchanged-exit-77': boolean;
  'lock-finalization': boolean;
}

export interface PerformOptions {
  edit: Edit;
  offline: boolean;
  downloadOnly: boolean;
}

/** Changes which packages are layered: base and origin make the new tree, never what is deployed now. */
export async function perform(
  args: PerformArgs,
  { edit, offline, downloadOnly }: PerformOptions,
  context: Context,
): Promise<string | number | undefined> {
  return changing(args, context, async (target) => {
    const { sysroot } = target;
    requireRunning(args, sysroot);
    const cachedir = openHostCache(sysroot);
    const { origin, added, changed } = await editRequests(target.base.origin, edit, cachedir, context);
    if (!changed) return unchanged('No change.\n', args['unchanged-exit-77'], context);
    requireLocal(origin, cachedir);
    const base = baseCommit(sysroot, target.base);
    const plan = await planLayer(target, base, origin, { offline, refresh: false }, context);
    if (!args['allow-inactive']) refuseInactive(plan, added);
    if (args['dry-run'])
      return transactionText(plan.packages, readCommit(sysroot.repo, base).packages ?? []) + DRY_RUN_ENDS;
    if (downloadOnly) {
      await downloadLayer(plan);
      return 'Update downloaded.\n';
    }
    const next = { lockFinalization: args['lock-finalization'] };
    const commit = await deployLayer(target, plan, next, context);
    return finish(packageReport(target, commit ?? base), args, context, QUEUED);
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
