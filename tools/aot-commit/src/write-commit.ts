import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { type CommitManifest, sha256 } from '@apt-ostree/manifest';
import { type CommitMetadata, encodeCommitObject, linkCommit, ostree } from '@apt-ostree/ostree';
import { run, span } from '@apt-ostree/run';
import { damagedObjects, type Root } from './damaged-objects.ts';

type Stats = NonNullable<CommitManifest['stats']>;

export interface CommitInputs {
  /** The directory to commit. */
  tree: string;
  /** The package cache: files of the tree that are hardlinks into it are not read again. */
  cache: string;
  /** The repository that gets the commit. */
  repo: string;
  parent: string | undefined;
  /** The root of a commit that is in the cache and whole. */
  base?: Root | undefined;
  ref: string | undefined;
  timestamp: number;
  metadata: CommitMetadata;
  /** Called when the directory has been read. */
  done(): void;
  signal: AbortSignal;
}

export interface Written {
  commit: string;
  contentChecksum: string;
  stats: Stats;
}

/**
 * Writes the tree into the package cache, where its files mostly are already, puts the commit object over it, and brings
 * that into the repository. No ref moves. The object is written here, since a list of packages can be longer than an
 * argument of a program may be.
 */
export async function writeCommit(c: CommitInputs): Promise<Written> {
  const { table, root } = await span('phase', 'commit', () => wholeTree(c));
  c.done();
  const binding = c.ref === undefined ? {} : { 'ostree.ref-binding': { type: 'as', value: [c.ref] } as const };
  const object = encodeCommitObject({ ...c, metadata: { ...binding, ...c.metadata }, root });
  const commit = sha256(object);
  putObject(objectPath(c.cache, commit), object);
  await span('phase', 'publish', () => publish(c, commit));
  return { commit, contentChecksum: contentChecksum(root), stats: stats(table) };
}

/**
 * What is damaged in the package cache is removed and written anew. A damaged directory hides what is below it, so that may
 * take several rounds; an object that is damaged again is no accident.
 */
async function wholeTree(c: CommitInputs): Promise<{ table: string; root: Root }> {
  for (const removed = new Set<string>(); ; ) {
    const table = await commitTree(c);
    const bare = objectPath(c.cache, /^Commit: ([0-9a-f]{64})$/m.exec(table)?.[1] as string);
    const object = readFileSync(bare);
    const damaged = object.length < 80 ? [bare] : damagedObjects(c.cache, rootOf(object), c.tree, c.base);
    if (damaged.length === 0) return { table, root: rootOf(object) };
    if (damaged.some((path) => removed.has(path))) throw damagedCache(c.cache);
    for (const path of damaged) {
      removed.add(path);
      rmSync(path, { force: true });
    }
  }
}

const damagedCache = (cache: string): AotError =>
  new AotError('data', `cannot write the commit: the package cache '${cache}' is damaged`, {
    hint: `remove '${cache}' and run the pipeline again from aot-fetch`,
    code: 'corrupt-cache',
  });

/** A commit without metadata: what it is needed for is its tree. */
async function commitTree(c: CommitInputs): Promise<string> {
  const args = ['--orphan', '--no-bindings', '--parent=none', '--subject=', '--timestamp=@0'];
  const how = ['--devino-canonical', '--fsync=0', '--table-output', `--tree=dir=${c.tree}`];
  return ostree(c.cache, ['commit', ...args, ...how], `cannot write the commit to '${c.cache}'`, c.signal);
}

/**
 * The root's dirtree and dirmeta, from a commit object without parent, metadata, subject and body: two empty strings, the
 * time at offset 8, and the two checksums.
 */
function rootOf(object: Buffer): Root {
  return { tree: object.subarray(16, 48).toString('hex'), meta: object.subarray(48, 80).toString('hex') };
}

const objectPath = (repo: string, commit: string): string =>
  join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commit`);

function putObject(file: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.aot-new`, bytes);
    renameSync(`${file}.aot-new`, file);
  } catch (error) {
    throw explain(error, `cannot write the commit to '${file}'`);
  }
}

/** On a host the package cache is the repository. Elsewhere as safe as libostree's own way: what the commit names is on disk before it counts. */
async function publish(c: CommitInputs, commit: string): Promise<void> {
  if (realpathSync(c.repo) === realpathSync(c.cache)) return;
  const sync = async () => {
    if (syncs(c.repo)) await run('sync', ['--file-system', c.repo], { signal: c.signal });
  };
  if (await linkCommit(c.cache, commit, c.repo, sync)) return;
  await ostree(c.repo, ['pull-local', c.cache, commit], `cannot write to repository '${c.repo}'`, c.signal);
}

/** Unless its owner has told libostree not to. */
const syncs = (repo: string): boolean => !/^fsync=false$/m.test(readFileSync(join(repo, 'config'), 'utf8'));

/** As libostree's ostree_commit_get_content_checksum: SHA-256 of the bytes of the two checksums. */
const contentChecksum = (root: Root): string => sha256(Buffer.from(root.tree + root.meta, 'hex'));

function stats(table: string): Stats {
  const number = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(table)?.[1] ?? 0);
  return {
    metadataTotal: number('Metadata Total'),
    metadataWritten: number('Metadata Written'),
    contentTotal: number('Content Total'),
    contentWritten: number('Content Written'),
    contentBytesWritten: number('Content Bytes Written'),
    cacheHits: number('Content Cache Hits'),
  };
}
