import { aptVersion, describeSources, dropDamagedIndices, holdRoot, machineArchitecture } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { defaultCachedir, type PackagesManifest, packageId } from '@apt-ostree/manifest';
import { loadTreefile, type Treefile } from '@apt-ostree/treefile';
import { openArchives, refresh } from './archives.ts';
import { checkLocked, type Locks, readLocks, wholeLock } from './locks.ts';
import type { Resolved } from './resolved.ts';
import { recall, remember, solutionKey } from './solution-cache.ts';
import { solveTreefile } from './solve-treefile.ts';

export interface Args {
  treefile: string;
  cachedir: string | undefined;
  'source-root': string | undefined;
  lockfile: string[];
  'lockfile-strict': boolean;
  'cache-only': boolean;
  architecture: string | undefined;
  base: string | undefined;
  'base-root': string | undefined;
  system: string;
  'treefile-archives': boolean;
  'max-age': string | undefined;
  deb: string[];
  remove: string[];
  replace: string[];
}

/** The work of aot-resolve. */
export async function resolve(args: Args, context: Context): Promise<PackagesManifest> {
  if (args.base !== undefined || args['base-root'] !== undefined) return ofLayer(args, context);
  const architecture = args.architecture ?? (await machineArchitecture());
  const locks = readLocks(args.lockfile, args['lockfile-strict'], architecture);
  const { treefile, inputs, sourceRoot } = await loadTreefile(args.treefile, { architecture });
  const resolved =
    wholeLock(locks, treefile) ??
    (await fromArchives(treefile, args['source-root'] ?? sourceRoot, architecture, locks, args, context));
  return { kind: 'aot.packages/v1', treefile, inputs, ...resolved };
}

async function ofLayer(args: Args, context: Context): Promise<PackagesManifest> {
  const { baseArchitecture, resolveLayer } = await import('./layer/resolve-layer.ts');
  const architecture = baseArchitecture(args);
  const { treefile, inputs, sourceRoot } = await loadTreefile(args.treefile, { architecture });
  const root = args['source-root'] ?? sourceRoot;
  return { kind: 'aot.packages/v1', treefile, inputs, ...(await resolveLayer(args, treefile, root, context)) };
}

async function fromArchives(
  treefile: Treefile,
  sourceRoot: string,
  architecture: string,
  locks: Locks,
  args: Args,
  context: Context,
): Promise<Resolved> {
  const cachedir = args.cachedir ?? defaultCachedir();
  const archives = await openArchives(treefile, sourceRoot, architecture, cachedir, locks);
  const taken = describeSources(treefile, archives.root.sources);
  if (taken !== undefined) context.note(taken);
  const held = await holdRoot(archives.root);
  try {
    await refresh(archives, args['cache-only'], context);
    const apt = await aptVersion();
    const key = solutionKey(archives.root, treefile, apt, lockedVersions(locks));
    const known = recall(cachedir, key);
    if (known === undefined && dropDamagedIndices(archives.root)) await refresh(archives, args['cache-only'], context);
    const resolved = known ?? (await solveTreefile(archives, treefile, locks, apt, context));
    checkLocked(resolved, locks);
    if (known === undefined) remember(cachedir, key, resolved);
    return resolved;
  } finally {
    await held.release();
  }
}

const lockedVersions = (locks: Locks): string[] =>
  [...locks.packages.values()].map((p) => `${packageId(p)} ${p.version} ${p.sha256}`).sort();
