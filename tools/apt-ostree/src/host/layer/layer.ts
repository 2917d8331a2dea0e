import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { changesPackages, deploymentRoot, mergeDeployment, type Origin } from '@apt-ostree/host';
import {
  archivePath,
  canonicalJson,
  inputHash,
  type LayerBase,
  type PackagesManifest,
  sha256,
} from '@apt-ostree/manifest';
import { readCommit, repositorySyncs } from '@apt-ostree/ostree';
import { run, span } from '@apt-ostree/run';
import { requireEntered } from '../change/enter.ts';
import type { Target } from '../change/target.ts';
import { openHostCache } from '../host-cache.ts';
import { type Accounts, keepsAccounts, machineAccounts } from './accounts.ts';
import { knownLayer, rememberLayer } from './known.ts';
import { debsOf, digestOf, namesOf, replacedBy } from './local.ts';
import { fetchLayer, type LayerStages, makeLayer, openStages, resolveLayer } from './stages.ts';
import { layerTreefile } from './treefile.ts';
import { inWorkshop, type Workshop } from './workshop.ts';

/** Changes whenever the same inputs would give another commit. */
const GENERATION = 5;

export interface LayerOptions {
  /** Use what is here, without the network. */
  offline: boolean;
  /** Look for newer packages. */
  refresh: boolean;
  /** Only to say or to fetch what would come. */
  only?: boolean;
}

/** What an origin comes to on a base. */
export interface Plan {
  base: string;
  origin: Origin;
  /** Requests that the base fulfils by itself. */
  inactive: LayerBase['inactive'];
  /** Undefined where nothing is layered, nothing overridden, and the base's accounts fit the machine's. */
  layer: { packages: PackagesManifest; stages: LayerStages; workshop: Workshop } | undefined;
}

/**
 * Decides what an origin comes to on a base: which packages are added, which of the base go. Nothing is changed by that.
 * @param work what is done with it
 */
export async function planLayer<T>(
  target: Target,
  base: string,
  origin: Origin,
  options: LayerOptions,
  context: Context,
  work: (plan: Plan) => Promise<T>,
): Promise<T> {
  if (!changesPackages(origin) && keepsAccounts(target, base))
    return work({ base, origin, inactive: [], layer: undefined });
  requireEntered();
  const cachedir = openHostCache(target.sysroot);
  return inWorkshop(cachedir, options.only ? undefined : base, context.signal, async (workshop) => {
    const commit = readCommit(target.sysroot.repo, base);
    const treefile = layerTreefile(commit, origin);
    const stages = openStages(treefile, cachedir, context, { system: systemOf(target), ...options });
    const here = commit.packages ?? [];
    const names = new Set(here.map((p) => p.name));
    const file = join(workshop.path, 'layer.json');
    writeFileSync(file, JSON.stringify(treefile));
    const packages = await resolveLayer(stages, {
      ...{ treefile: file, base, debs: debsOf(origin, here, cachedir) },
      remove: origin.overrides.remove.filter((name) => names.has(name)),
      replace: replacedBy(origin, here),
    });
    return work({ base, origin, inactive: packages.base?.inactive ?? [], layer: { packages, stages, workshop } });
  });
}

/** Whose /etc/apt counts: what runs, else what boots next. */
export function systemOf({ sysroot, stateroot }: Target): string {
  const merge = mergeDeployment(sysroot, stateroot);
  return merge === undefined || merge.booted ? '/' : deploymentRoot(sysroot, merge);
}

/** Only brings what a plan needs. */
export async function downloadLayer({ layer }: Plan): Promise<void> {
  if (layer !== undefined) await fetchLayer(layer.stages, layer.packages);
}

/**
 * Makes the commit of a plan: the base itself where it adds and takes nothing and its accounts fit the machine's, else one
 * that is put together from base and packages, or that the same inputs made before.
 */
export async function assembleLayer(target: Target, { base, origin, layer }: Plan): Promise<string> {
  if (layer === undefined) return base;
  if (layer.packages.plan.length === 0 && keepsAccounts(target, base)) return base;
  const { packages, stages, workshop } = layer;
  const { repo } = target.sysroot;
  const { cachedir } = stages.session;
  const accounts = machineAccounts(target);
  const key = keyOf(origin, packages, accounts);
  const known = knownLayer(cachedir, repo, key);
  if (known !== undefined) return known.commit;
  const file = join(workshop.path, 'accounts.json');
  writeFileSync(file, JSON.stringify(accounts));
  await workshop.base;
  const overwrite = origin.packages.requestedLocalFileoverride.length > 0;
  const made = await makeLayer(stages, packages, { ...workshop, accounts: file, overwrite, repo });
  workshop.discardTree();
  await sync(repo);
  const archives = packages.packages.map((p) => p.sha256);
  await rememberLayer(cachedir, repo, key, { ...made, archives });
  return made.commit;
}

/** What was written without syncing is on the disk before anything names it; where libostree may sync, `core.fsync`. */
async function sync(repo: string): Promise<void> {
  if (!repositorySyncs(repo)) return;
  await span('phase', 'sync', () => run('sync', ['--file-system', repo], { what: `cannot write to '${repo}'` }));
}

function keyOf(
  { packages: { requestedLocalFileoverride } }: Origin,
  packages: PackagesManifest,
  accounts: Accounts,
): string {
  return sha256(canonicalJson([GENERATION, inputHash(packages), requestedLocalFileoverride, accounts]));
}

/** Local packages that an origin asks for are in the cache, or nothing can be put together. */
export function requireLocal(origin: Origin, cachedir: string): void {
  const { requestedLocal, requestedLocalFileoverride } = origin.packages;
  const all = [...requestedLocal, ...requestedLocalFileoverride, ...origin.overrides.replaceLocal];
  const lost = all.filter((request) => !existsSync(join(cachedir, archivePath(digestOf(request)))));
  if (lost.length === 0) return;
  throw new AotError('noInput', `cannot find local packages: ${lost.map((r) => `'${namesOf(r)}'`).join(', ')}`, {
    code: 'local-lost',
    hint: "give their files again with 'apt-ostree install FILE', or take them out with 'apt-ostree uninstall'",
  });
}
