import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { deploymentRoot, mergeDeployment, type Origin } from '@apt-ostree/host';
import {
  archivePath,
  canonicalJson,
  inputHash,
  type LayerBase,
  type PackagesManifest,
  sha256,
} from '@apt-ostree/manifest';
import { readCommit } from '@apt-ostree/ostree';
import { run, span, sweep, temporaryDirectory } from '@apt-ostree/run';
import type { Target } from '../change/target.ts';
import { type Accounts, machineAccounts } from './accounts.ts';
import { openHostCache } from './cache.ts';
import { knownLayer, type Layer, rememberLayer } from './known.ts';
import { debsOf, digestOf, namesOf, replacedBy } from './local.ts';
import { commitLayer, fetchLayer, type LayerStages, makeLayer, openStages, resolveLayer } from './stages.ts';
import { layerTreefile } from './treefile.ts';

/** Changes whenever the same inputs would give another commit. */
const GENERATION = 1;

export interface LayerOptions {
  /** Use what is here, without the network. */
  offline: boolean;
  /** Look for newer packages. */
  refresh: boolean;
}

/** What an origin comes to on a base. */
export interface Plan {
  base: string;
  origin: Origin;
  /** Undefined where nothing is layered and nothing overridden. */
  packages: PackagesManifest | undefined;
  /** Requests that the base fulfils by itself. */
  inactive: LayerBase['inactive'];
  stages: LayerStages | undefined;
}

/** True when the deployed tree is to be another than the base's. */
export function changesBase({ packages, overrides }: Origin): boolean {
  return [...Object.values(packages), ...Object.values(overrides)].some((list) => list.length > 0);
}

/** Decides what an origin comes to on a base: which packages are added, which of the base go. Nothing is changed. */
export async function planLayer(
  target: Target,
  base: string,
  origin: Origin,
  options: LayerOptions,
  context: Context,
): Promise<Plan> {
  if (!changesBase(origin)) return { base, origin, packages: undefined, inactive: [], stages: undefined };
  const { sysroot } = target;
  const cachedir = openHostCache(sysroot);
  const commit = readCommit(sysroot.repo, base);
  const treefile = layerTreefile(commit, origin);
  const stages = openStages(treefile, cachedir, context, { system: systemOf(target), ...options });
  const here = new Set((commit.packages ?? []).map((p) => p.name));
  const packages = await withScratch(join(cachedir, 'tmp'), async (scratch) => {
    const file = join(scratch, 'layer.json');
    writeFileSync(file, JSON.stringify(treefile));
    return resolveLayer(stages, {
      ...{ treefile: file, base, debs: debsOf(origin, here, cachedir) },
      remove: origin.overrides.remove.filter((name) => here.has(name)),
      replace: replacedBy(origin).filter((name) => here.has(name)),
    });
  });
  return { base, origin, packages, inactive: packages.base?.inactive ?? [], stages };
}

/** Whose /etc/apt counts: what runs, else what boots next. */
function systemOf({ sysroot, stateroot }: Target): string {
  const merge = mergeDeployment(sysroot, stateroot);
  return merge === undefined || merge.booted ? '/' : deploymentRoot(sysroot, merge);
}

/** Only brings what a plan needs. */
export async function downloadLayer({ packages, stages }: Plan): Promise<void> {
  if (packages !== undefined && stages !== undefined) await fetchLayer(stages, packages);
}

/**
 * Makes the commit of a plan: the base itself where it adds and takes nothing, else one that is put together from base and
 * packages, or that the same inputs made before.
 */
export async function assembleLayer(target: Target, plan: Plan): Promise<string> {
  const { packages, stages, base } = plan;
  if (packages === undefined || stages === undefined || packages.plan.length === 0) return base;
  const { repo } = target.sysroot;
  const { cachedir } = stages.session;
  const accounts = machineAccounts(target);
  const key = keyOf(plan, packages, accounts);
  const known = knownLayer(cachedir, repo, key);
  if (known !== undefined) return known.commit;
  const layer = await make({ origin: plan.origin, packages, stages, repo, accounts });
  await span('phase', 'sync', () => run('sync', ['--file-system', repo], { what: `cannot write to '${repo}'` }));
  await rememberLayer(cachedir, repo, key, layer);
  return layer.commit;
}

const keyOf = ({ origin }: Plan, packages: PackagesManifest, accounts: Accounts): string => {
  const { requestedLocalFileoverride } = origin.packages;
  return sha256(canonicalJson([GENERATION, inputHash(packages), requestedLocalFileoverride, accounts]));
};

interface Making {
  origin: Origin;
  packages: PackagesManifest;
  stages: LayerStages;
  repo: string;
  accounts: Accounts;
}

async function make({ origin, packages, stages, repo, accounts }: Making): Promise<Layer> {
  return withScratch(join(stages.session.cachedir, 'tmp'), async (scratch) => {
    const file = join(scratch, 'accounts.json');
    writeFileSync(file, JSON.stringify(accounts));
    const tree = await makeLayer(stages, packages, {
      rootfs: join(scratch, 'rootfs'),
      accounts: file,
      overwrite: origin.packages.requestedLocalFileoverride.length > 0,
    });
    const commit = await commitLayer(stages, tree, repo);
    return { commit, archives: packages.packages.map((p) => p.sha256), scripts: tree.scripts };
  });
}

async function withScratch<T>(parent: string, work: (path: string) => Promise<T>): Promise<T> {
  await sweep(parent);
  const scratch = await temporaryDirectory(parent);
  try {
    return await work(scratch.path);
  } finally {
    await scratch.remove();
  }
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
