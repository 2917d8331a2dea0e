import { aptVersion, describeSources, dropDamagedIndices, holdRoot, machineArchitecture } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { defaultCachedir, type PackagesManifest } from '@apt-ostree/manifest';
import { loadTreefile, type Treefile } from '@apt-ostree/treefile';
import { openArchives, refresh } from './archives.ts';
import { checkLocked, type Locks, lockedVersions, readLocks, wholeLock } from './locks.ts';
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
  'base-digest': string | undefined;
  system: string;
  'treefile-archives': boolean;
  'max-age': string | undefined;
  deb: string[];
  remove: string[];
  removable: string[];
  replace: string[];
}

/** The work of aot-resolve. */
export async function resolve(args: Args, context: Context): Promise<PackagesManifest> {
  if (args.base !== undefined || args['base-root'] !== undefined) return ofLayer(args, context);
  const architecture = args.architecture ?? (await machineArchitecture());
  const locks = readLocks(args.lockfile, args['lockfile-strict'], architecture);
  const { treefile, inputs, sourceRoot } = await loadTreefile(args.treefile, { architecture });
  if (treefile['base-image'] !== undefined) throw noBase(treefile['base-image']);
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
  const locks = readLocks(args.lockfile, args['lockfile-strict'], architecture);
  const whole = lockOn(args.base as string, wholeLock(locks, treefile));
  const resolved = whole ?? (await resolveLayer(args, treefile, root, locks, context));
  return { kind: 'aot.packages/v1', treefile, inputs, ...resolved };
}

/** A lock is about what its image has; with another one there is something to solve. */
const lockOn = (commit: string, lock: Resolved | undefined): Resolved | undefined =>
  lock?.base?.commit === commit ? lock : undefined;

const noBase = (image: string): AotError =>
  new AotError('usage', `cannot resolve what starts from the image '${image}': option '--base' is missing`, {
    hint: "'apt-ostree compose' imports the image itself; else import it with aot-ociimport, and give --base and --base-digest",
  });

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
