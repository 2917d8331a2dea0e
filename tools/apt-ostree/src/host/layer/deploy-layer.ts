import type { Context } from '@apt-ostree/cli';
import { formatOrigin, type Origin, readSysroot, withoutTransient } from '@apt-ostree/host';
import { forgetImages } from '@apt-ostree/oci';
import { baseCommit } from '../change/base-commit.ts';
import { beside } from '../change/beside.ts';
import { deployBase, type Next } from '../change/deploy-base.ts';
import { noteEtcConflicts } from '../change/etc.ts';
import { chain, withoutOwnInitramfs } from '../change/initramfs/derive.ts';
import { noteMigrations } from '../change/migrations.ts';
import type { Target } from '../change/target.ts';
import { hostCache } from '../host-cache.ts';
import { keepAccounts } from './accounts.ts';
import { keepBases } from './bases.ts';
import { forgetOld, scriptsOf } from './known.ts';
import { assembleLayer, type Plan } from './layer.ts';

/**
 * Puts a plan's tree together and deploys it. Until the deployment is made, those that are there stay as they were.
 * @returns the commit that is deployed; undefined where it is what the target has already, from the same origin
 */
export async function deployLayer(
  target: Target,
  plan: Plan,
  next: Omit<Next, 'commit' | 'origin'>,
  context: Context,
): Promise<string | undefined> {
  const commit = await assembleLayer(target, plan);
  if (
    commit === withoutOwnInitramfs(target.sysroot.repo, target.base.checksum) &&
    isSame(plan.origin, target.base.origin)
  )
    return undefined;
  if (commit !== plan.base) await keepBases(target.sysroot, plan.base);
  // aot-deploy refuses what cannot be merged; here it is only told, and reading all of /etc takes as long as there
  await beside(deployBase(target, { ...next, commit, origin: plan.origin }, context), () => {
    noteEtcConflicts(target, commit, context);
    noteMigrations(target, commit, scriptsOf(hostCache(target.sysroot), commit) ?? [], context);
  });
  if (commit !== plan.base) keepAccounts(target, plan.base, commit);
  await tidy(target.sysroot.path);
  return commit;
}

const isSame = (a: Origin, b: Origin): boolean =>
  formatOrigin(withoutTransient(a)) === formatOrigin(withoutTransient(b));

/** Lets go of bases, layers, packages and images that no deployment has any more. */
export async function tidy(path: string): Promise<void> {
  const sysroot = await readSysroot(path);
  await keepBases(sysroot);
  const deployed = new Set(sysroot.deployments.flatMap((d) => chain(sysroot.repo, d.checksum)));
  await forgetOld(hostCache(sysroot), sysroot.repo, deployed);
  forgetImages(sysroot.repo, new Set(sysroot.deployments.map((d) => baseCommit(sysroot, d))));
}
