import {
  type AptRoot,
  ageOf,
  aptRoot,
  holdRoot,
  type IndexFile,
  indexFiles,
  prepareRoot,
  type RootOptions,
  sourcesOf,
  updateIndices,
} from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { readSysroot, requireHost, type Sysroot } from '@apt-ostree/host';
import { openTree } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';
import { type Target, type TargetArgs, targetOf } from '../change/target.ts';
import { makeSysrootWritable } from '../change/writable.ts';
import { openHostCache } from '../host-cache.ts';
import { systemOf } from '../layer/layer.ts';
import { FRESH } from '../layer/stages.ts';

/** The archives of a host: those of its /etc/apt, in the private root that layering resolves with. */
export interface HostArchives {
  root: AptRoot;
  options: RootOptions;
}

/**
 * Finds them; nothing is fetched.
 * @throws AotError `config` where the host has none
 */
export async function openHostArchives(target: Target): Promise<HostArchives> {
  const { sysroot, base } = target;
  const system = systemOf(target);
  const sources = await sourcesOf({}, '.', system);
  const database = databaseOf(sysroot, baseCommit(sysroot, base));
  const architectures = database('arch').split('\n').filter(Boolean);
  const options = { architectures, cachedir: openHostCache(sysroot), status: database('status'), system };
  return { root: aptRoot(sources, options), options };
}

/** Reads files of dpkg's database in a commit. */
function databaseOf({ repo }: Sysroot, commit: string): (name: string) => string {
  const tree = openTree(repo, commit);
  return (name) => Buffer.from(tree.read(`usr/lib/sysimage/dpkg/${name}`) ?? []).toString('utf8');
}

/** Brings the indices up to date. The caller holds the root. */
export async function updateHostArchives({ root, options }: HostArchives, context: Context): Promise<void> {
  const phase = context.progress.phase('index', root.sources.length);
  await prepareRoot(root, options);
  for (const warning of await updateIndices(root, context.signal)) context.warn(warning);
  phase.end();
}

/** Looks into the indices of a host, which are fetched where there are none that are fresh. */
export async function withIndices<T>(
  args: TargetArgs,
  context: Context,
  look: (files: readonly IndexFile[]) => T,
): Promise<T> {
  requireHost(args.sysroot);
  await makeSysrootWritable();
  const archives = await openHostArchives(targetOf(await readSysroot(args.sysroot), args.stateroot));
  const held = await holdRoot(archives.root);
  try {
    if (ageOf(archives.root) > FRESH) await updateHostArchives(archives, context);
    return look(await indexFiles(archives.root));
  } finally {
    await held.release();
  }
}
