import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { comparePackages, type Package, requireRoot } from '@apt-ostree/host';
import { type ArchivesManifest, defaultCachedir, type PackagesManifest } from '@apt-ostree/manifest';
import { formatDifference } from '../host/change/difference.ts';
import { unchanged } from '../host/change/report.ts';
import { DRY_RUN_ENDS } from '../host/layer/transaction.ts';
import { rememberBrought, removablePackages } from './brought.ts';
import { decide, type Request } from './decide.ts';
import { applyPlan } from './dpkg.ts';
import { type Helpers, openHelpers } from './helpers.ts';
import { markAutomatic, markRequested } from './marks.ts';
import { installedPackages } from './packages.ts';
import { fold, unfold } from './root-tree.ts';

/** A request, and how it is carried out. */
export interface Change extends Omit<Request, 'removable'> {
  dryRun: boolean;
  exit77: boolean;
  /** Packages from files may replace files of others. */
  overwrite: boolean;
  /** What is done when the packages are there, with the helpers that scripts have. */
  finish?: (helpers: Helpers) => Promise<void>;
}

/**
 * Changes the packages of the root that we run in: apt decides on the archives of its /etc/apt, the packages are fetched
 * and verified as for a layer, and dpkg itself installs them. Then the root is laid out as a composed image is.
 * @returns what changed
 */
export async function changeRoot(change: Change, context: Context): Promise<string | number> {
  requireRoot();
  refuseDpkg([...change.remove, ...change.purge]);
  const before = installedPackages();
  const cachedir = defaultCachedir();
  const removable = change.purge.length === 0 ? [] : removablePackages();
  return decide({ ...change, removable }, before, cachedir, context, async ({ packages, fetch }) => {
    for (const { request, by } of packages.base?.inactive ?? [])
      context.note(`"${request}" is already provided by: ${by}`);
    const isNothing = packages.plan.length === 0 && change.finish === undefined;
    if (isNothing) {
      if (!change.dryRun) markRequested(requestedNames(change), packages.architecture);
      return unchanged('No change.\n', change.exit77, context);
    }
    refuseKernel(packages);
    if (change.dryRun) return `${formatDifference(planned(packages, before))}${DRY_RUN_ENDS}`;
    await apply(
      change,
      packages.plan.length === 0 ? { ...packages, kind: 'aot.archives/v1', archives: [] } : await fetch(),
    );
    return formatDifference(comparePackages(before, installedPackages()));
  });

  async function apply({ purge, overwrite, finish }: Change, archives: ArchivesManifest): Promise<void> {
    unfold();
    const helpers = openHelpers();
    try {
      await applyPlan(archives, { cachedir, purge: new Set([...purge, ...removable]), overwrite }, helpers, context);
      await finish?.(helpers);
    } finally {
      helpers.remove();
    }
    const installed = namesOf(installedPackages());
    markAutomatic(archives, requestedNames(change), installed);
    rememberBrought(namesOf(before), installed);
    fold();
  }
}

const requestedNames = ({ install }: Change): Set<string> =>
  new Set(install.map((word) => word.split(/[=/: ]/)[0] ?? word));

const namesOf = (packages: readonly Package[]): Set<string> => new Set(packages.map((p) => p.name));

/** Nothing could be changed without it, not even this change be ended. */
function refuseDpkg(names: readonly string[]): void {
  if (!names.includes('dpkg')) return;
  throw new AotError('failed', "cannot remove 'dpkg': it is what changes the packages", { code: 'needs-dpkg' });
}

/** Its initramfs is made with the tree, and a build of a container cannot make one. */
function refuseKernel({ packages }: PackagesManifest): void {
  const kernels = packages.filter((p) => /^linux-image-\d/.test(p.name)).map((p) => `'${p.name}'`);
  if (kernels.length === 0) return;
  throw new AotError('failed', `cannot change the kernel in a container: ${kernels.join(', ')}`, {
    code: 'kernel-in-container',
    hint: 'compose the image that this one starts from with that kernel: its initramfs is made there',
  });
}

/** What would change. */
function planned({ packages, plan }: PackagesManifest, before: readonly Package[]) {
  const gone = new Set(plan.flatMap((step) => (step.action === 'remove' ? step.packages : [])));
  const names = new Set(packages.map((p) => p.name));
  const isLeft = (p: Package) => !names.has(p.name) && !gone.has(p.name) && !gone.has(`${p.name}:${p.architecture}`);
  return comparePackages(before, [...before.filter(isLeft), ...packages]);
}
