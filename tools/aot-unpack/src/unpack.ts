import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import {
  type ArchivesManifest,
  cachePaths,
  defaultCachedir,
  type RootfsManifest,
  readStream,
  type ScriptRun,
} from '@apt-ostree/manifest';
import { cannotWrite, openBareRepo } from '@apt-ostree/ostree';
import { span, sweep } from '@apt-ostree/run';
import { assemble } from './assemble.ts';
import { assembleOnBase } from './base/assemble.ts';
import { configuredTree } from './configured-tree.ts';
import { DamagedObject, repair } from './damaged.ts';
import { ImportQueue } from './import-queue.ts';
import { checkLeftOvers, type Member, toMember, toUnpackedItem } from './member.ts';
import { openTarget } from './target.ts';
import { unpackOrder } from './unpack-order.ts';

export interface UnpackArgs {
  rootfs: string | undefined;
  cachedir: string | undefined;
  'base-tree': string | undefined;
  'no-configured-cache': boolean;
}

/** Reads aot.archives/v1, in either form, and makes the tree. Importing begins with the first package that arrives. */
export async function unpack(args: UnpackArgs, context: Context): Promise<RootfsManifest> {
  const { rootfs } = args;
  if (rootfs === undefined)
    throw new AotError('usage', "option '--rootfs' is missing", { hint: 'say where the tree is to be made' });
  const cachedir = resolve(args.cachedir ?? defaultCachedir());
  const { manifest, members } = await importAll(cachedir, context);
  const job: Job = {
    manifest,
    members,
    cachedir,
    context,
    fromCache: !args['no-configured-cache'],
    baseTree: args['base-tree'],
  };
  const { scripts, unpacked } = await makeTree(job, resolve(rootfs));
  const { archives: _archives, ...carried } = manifest;
  return {
    ...{ ...carried, kind: 'aot.rootfs/v1', rootfs, cachedir },
    ...{ state: scripts === undefined ? 'unpacked' : 'configured', unpacked: unpacked.map(toUnpackedItem) },
    scripts: scripts ?? [],
  };
}

interface Job {
  manifest: ArchivesManifest;
  /** In unpack order. */
  members: readonly Member[];
  cachedir: string;
  context: Context;
  /** Whether a configured tree from the cache will do. */
  fromCache: boolean;
  /** A checkout of the base that is there for us. */
  baseTree: string | undefined;
}

async function importAll(cachedir: string, context: Context) {
  const queue = new ImportQueue(cachedir, context);
  const manifest = await readStream(
    context.lines(),
    (envelope) => queue.begin(envelope),
    (item) => queue.add(item),
  );
  const imported = await span('phase', 'import', () => queue.finish());
  return {
    manifest,
    members: unpackOrder(manifest, imported).map((i) => toMember(i, manifest.base === undefined)),
  };
}

interface Made {
  /** The script record of a tree that came configured from the cache. */
  scripts: ScriptRun[] | undefined;
  unpacked: readonly Member[];
}

async function makeTree(job: Job, rootfs: string): Promise<Made> {
  const target = await openTarget(rootfs);
  try {
    const { manifest, cachedir, context } = job;
    const scripts = job.fromCache ? await configuredTree(manifest, cachedir, target.path, context) : undefined;
    const unpacked = scripts === undefined ? await assembleTree(job, target.path) : job.members;
    target.publish();
    return { scripts, unpacked };
  } catch (error) {
    throw cannotWrite(error, `cannot make a tree at '${rootfs}'`);
  } finally {
    await target.close();
  }
}

/** Assembles the tree; where the cache turns out to be damaged, it is repaired once. */
async function assembleTree(
  { manifest, members, cachedir, context, baseTree }: Job,
  path: string,
): Promise<readonly Member[]> {
  const paths = cachePaths(cachedir);
  for (const records of [paths.solutions, paths.imported, paths.configured]) await sweep(records);
  const repo = await openBareRepo(paths.repo);
  const work = async (): Promise<readonly Member[]> => {
    const { base } = manifest;
    if (base !== undefined) return assembleOnBase({ ...manifest, base }, members, repo, { path, baseTree }, context);
    await span('phase', 'assemble', async () => assemble(manifest, members, repo, path, context));
    return members;
  };
  try {
    const unpacked = await work();
    checkLeftOvers(unpacked, cachedir);
    return unpacked;
  } catch (error) {
    if (!(error instanceof DamagedObject)) throw error;
    context.warn(`the package cache is damaged: ${error.message}; what is concerned is imported again`);
    await repair(cachedir, repo, members);
    rmSync(path, { recursive: true, force: true });
    return await work();
  }
}
