import { renameSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';
import {
  type CommitManifest,
  cachePaths,
  inputHash,
  layeredOn,
  outerUid,
  type RootfsManifest,
  sourceDateEpoch,
} from '@apt-ostree/manifest';
import {
  checkSignatures,
  ensureRepository,
  layerChecksums,
  openTree,
  ostree,
  readCommit,
  type Signatures,
  sign,
  Tree,
  writeDetached,
} from '@apt-ostree/ostree';
import { replaceFile, run, span, sweep, temporaryDirectory } from '@apt-ostree/run';
import { finishTree, prepareTree } from './apply-layout.ts';
import { checkRootfs } from './input.ts';
import type { Layout } from './layout.ts';
import { commitMetadata, committedPackages, indices, listed } from './metadata.ts';
import { type Parent, parentOf, readBase } from './parent.ts';
import { fileInCommit } from './repository.ts';
import { type Settings, settings } from './settings.ts';
import { initramfs } from './steps/initramfs.ts';
import { kernel } from './steps/kernel.ts';
import { layers } from './steps/layers.ts';
import { modules } from './steps/modules.ts';
import { nextVersion } from './version.ts';
import { type Written, writeCommit } from './write-commit.ts';

/** The options of aot-commit that the work reads. */
export interface CommitArgs {
  repo: string | undefined;
  ref: string | undefined;
  cachedir: string | undefined;
  'source-root': string;
  parent: string | undefined;
  'no-parent': boolean;
  'add-metadata-string': string[];
  'add-metadata-from-json': string | undefined;
  'write-commitid-to': string | undefined;
  'commit-version': string | undefined;
  'previous-version': string | undefined;
  'previous-inputhash': string | undefined;
  'layer-repo': string | undefined;
  'gpg-sign': string[];
  'gpg-homedir': string | undefined;
  'sign-ed25519': string | undefined;
  'strict-var': boolean;
  consume: boolean;
  leave: boolean;
  force: boolean;
}

/** Everything that is decided before the tree is touched. */
interface Job {
  args: CommitArgs;
  context: Context;
  manifest: RootfsManifest;
  settings: Settings;
  repo: string;
  cache: ReturnType<typeof cachePaths>;
  ref: string | undefined;
  parent: Parent | undefined;
  inputHash: string;
  clock: number;
  version: string | null;
  keys: Signatures;
}

/** aot-commit: a configured tree in, a commit in a repository out. */
export async function commit(args: CommitArgs, context: Context): Promise<CommitManifest> {
  process.umask(0o022);
  const job = await plan(args, context);
  await checkSignatures(job.keys);
  if (isUnchanged(job)) return unchanged(job, job.parent as Parent);
  await ensureRepository(job.cache.repo, 'bare');
  await ensureRepository(job.repo, outerUid() === 0 ? 'bare' : 'bare-user');
  const written = await layOutAndWrite(job);
  await detachIndices(job, written.commit);
  await sign(job.repo, written.commit, job.keys);
  await nameIt(job, written.commit);
  return describe(job, written);
}

async function plan(args: CommitArgs, context: Context): Promise<Job> {
  if (args.repo === undefined) throw new AotError('usage', "option '--repo' is missing", { hint: 'name a repository' });
  const manifest = await context.readManifest('aot.rootfs/v1');
  checkRootfs(manifest);
  const s = settings(manifest.treefile);
  const ref = args.ref ?? s.ref;
  const cachedir = args.cachedir ?? manifest.cachedir;
  const base = layeredOn(manifest);
  const parent = base === undefined ? await parentOf(args.repo, ref, args) : readBase(cachePaths(cachedir).repo, base);
  const clock = sourceDateEpoch(manifest);
  const previous = args['previous-version'] ?? parent?.version;
  const counted = s.versionPrefix && nextVersion(s.versionPrefix, s.versionSuffix, previous, clock);
  return {
    ...{ args, context, manifest, settings: s, repo: args.repo, ref, parent, clock },
    cache: cachePaths(cachedir),
    inputHash: inputHash(manifest, await layerChecksums(args['layer-repo'] ?? args.repo, manifest.treefile)),
    version: args['commit-version'] ?? counted ?? (base && parent?.version) ?? null,
    keys: {
      gpg: args['gpg-sign'].length > 0 || s.gpgKey === undefined ? args['gpg-sign'] : [s.gpgKey],
      gpgHomedir: args['gpg-homedir'],
      ed25519: args['sign-ed25519'],
    },
  };
}

const isUnchanged = ({ args, parent, inputHash: hash }: Job): boolean =>
  !args.force && parent !== undefined && (args['previous-inputhash'] ?? parent.inputHash) === hash;

type Committed = Written & Pick<CommitManifest, 'packages'>;

/** Works on a copy by hardlinks beside the tree, which itself stays as it is; or on the tree, where it may. */
async function layOutAndWrite(job: Job): Promise<Committed> {
  const { consume, leave } = job.args;
  if (consume && leave) return writeTree(job, new Tree(resolve(job.manifest.rootfs)));
  const beside = dirname(resolve(job.manifest.rootfs));
  await sweep(beside);
  const temporary = await temporaryDirectory(beside);
  let removal: Promise<void> | undefined;
  const remove = () => {
    removal ??= temporary.remove();
    removal.catch(() => {}); // it is awaited below
  };
  try {
    const root = join(temporary.path, 'tree');
    if (consume) renameSync(job.manifest.rootfs, root);
    else await copyByLinks(job, root);
    return await writeTree(job, new Tree(root), remove);
  } catch (error) {
    throw isFull(error) ? explain(error, `cannot lay out '${job.manifest.rootfs}'`) : error;
  } finally {
    remove();
    await removal;
  }
}

/** A step that cannot write because of the disk; any other failed call in one is a bug of ours and must look like it. */
const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');

/** cp keeps owners, modes and extended attributes of directories, and makes links of all else. */
async function copyByLinks({ manifest, context }: Job, root: string): Promise<void> {
  const args = ['--archive', '--link', '--no-target-directory', '--', manifest.rootfs, root];
  await span('phase', 'copy', () =>
    run('cp', args, { what: `cannot copy '${manifest.rootfs}'`, signal: context.signal }),
  );
}

/** @param done called when the tree is not needed any more, while its commit is still brought into the repository */
async function writeTree(job: Job, tree: Tree, done = () => {}): Promise<Committed> {
  const { args, context, manifest, cache } = job;
  const layout: Layout = {
    ...{ tree, manifest, settings: job.settings, clock: job.clock, version: job.version },
    readParent: async (path) => job.parent && readFile(job, job.parent.commit, path),
    warn: context.warn,
    signal: context.signal,
  };
  await layers(layout, { repo: args['layer-repo'] ?? job.repo, cache: cache.repo });
  const options = { sourceRoot: args['source-root'], strictVar: args['strict-var'] };
  await prepareTree(layout, options);
  const kver = await kernel(layout);
  if (kver !== undefined) await span('phase', 'modules', () => modules(layout, kver, cache));
  if (kver !== undefined && job.settings.initramfs && !keepsInitramfs(layout, kver)) {
    const phase = context.progress.phase('initramfs', 1);
    await span('phase', 'initramfs', () => initramfs(layout, kver, { images: cache.initramfs, tmp: cache.tmp }));
    phase.end();
  }
  const packages = committedPackages(manifest, tree);
  const layered = layeredOn(manifest);
  await finishTree(layout);
  const phase = context.progress.phase('commit', 1);
  const written = await writeCommit({
    ...{ tree: tree.root, cache: cache.repo, repo: job.repo, ref: job.ref, timestamp: job.clock },
    parent: job.parent?.commit,
    adopt: args.consume,
    metadata: commitMetadata({
      ...{ manifest, settings: job.settings, inputHash: job.inputHash, version: job.version, kver, packages },
      base: layered && readCommit(cache.repo, layered.commit),
      strings: args['add-metadata-string'],
      json: args['add-metadata-from-json'],
    }),
    ...{ done, signal: context.signal },
  });
  phase.end();
  return { ...written, packages };
}

/** What a base has is in the package cache, and read without a process. */
async function readFile({ manifest, cache, repo }: Job, commit: string, path: string): Promise<string | undefined> {
  if (layeredOn(manifest) === undefined) return fileInCommit(repo, commit, path);
  const bytes = openTree(cache.repo, commit).read(path);
  return bytes && Buffer.from(bytes).toString('utf8');
}

/** The kernel of a base has its initramfs already, and nothing that is layered belongs in it. */
const keepsInitramfs = ({ manifest, tree }: Layout, kver: string): boolean =>
  layeredOn(manifest) !== undefined && tree.isFile(`usr/lib/modules/${kver}/initramfs.img`);

/** With `repo-metadata: detached` the indices do not change the commit's checksum. */
async function detachIndices({ repo, settings: s, manifest }: Job, written: string): Promise<void> {
  if (s.repoMetadata === 'detached') await writeDetached(repo, written, { 'aptostree.indices': indices(manifest) });
}

/** The one step that makes the commit seen. */
async function nameIt({ args, repo, ref }: Job, written: string): Promise<void> {
  const file = args['write-commitid-to'];
  if (file !== undefined) replaceFile(file, `${written}\n`);
  else if (ref !== undefined) {
    await ostree(repo, ['refs', '--force', `--create=${ref}`, written], `cannot update ref '${ref}'`);
  }
}

function describe(job: Job, written: Committed): CommitManifest {
  const { manifest, args } = job;
  return {
    kind: 'aot.commit/v1',
    treefile: manifest.treefile,
    architecture: manifest.architecture,
    repo: job.repo,
    ref: args['write-commitid-to'] === undefined ? (job.ref ?? null) : null,
    ...written,
    parent: job.parent?.commit ?? null,
    version: job.version,
    timestamp: job.clock,
    inputHash: job.inputHash,
    unchanged: false,
  };
}

function unchanged(job: Job, parent: Parent): CommitManifest {
  return {
    ...describe(job, {
      ...{ commit: parent.commit, contentChecksum: parent.contentChecksum, stats: null as never },
      packages: listed(job.manifest),
    }),
    parent: parent.parent ?? null,
    version: parent.version ?? null,
    timestamp: parent.timestamp,
    unchanged: true,
  };
}
