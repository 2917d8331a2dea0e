import { realpathSync } from 'node:fs';
import { sha256 } from '@apt-ostree/manifest';
import {
  type CommitMetadata,
  encodeCommitObject,
  encodeFileSizes,
  FILE_SIZES,
  linkCommit,
  openBareRepo,
  ostree,
  type Root,
  repositorySyncs,
  type TreeStats,
  writeTree,
} from '@apt-ostree/ostree';
import { run, span } from '@apt-ostree/run';

export interface CommitInputs {
  /** The directory to commit. */
  tree: string;
  /** The package cache: files of the tree that are hardlinks into it are not read again. */
  cache: string;
  /** The tree may lose the times of its files. */
  adopt: boolean;
  /** The repository that gets the commit. */
  repo: string;
  parent: string | undefined;
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
  stats: TreeStats;
}

/**
 * Writes the tree into the package cache, where its files mostly are already, puts the commit object over it, and brings
 * that into the repository. No ref moves. The object is written here, since a list of packages can be longer than an
 * argument of a program may be.
 */
export async function writeCommit(c: CommitInputs): Promise<Written> {
  const cache = await openBareRepo(c.cache);
  const { root, stats, sizes } = await span('phase', 'commit', () => writeTree(cache, c.tree, c));
  c.done();
  const binding = c.ref === undefined ? {} : { 'ostree.ref-binding': { type: 'as', value: [c.ref] } as const };
  const object = encodeCommitObject({ ...c, metadata: { ...binding, ...sized(c.metadata, sizes) }, root });
  const commit = cache.metadataObject(object, 'commit');
  await span('phase', 'publish', () => publish(c, commit));
  return { commit, contentChecksum: contentChecksum(root), stats };
}

/** A host that has little room looks up what a commit would take. What was put together on a host is never pulled. */
const sized = (metadata: CommitMetadata, sizes: ReadonlyMap<string, number>): CommitMetadata =>
  'aptostree.clientlayer' in metadata
    ? metadata
    : { [FILE_SIZES]: { type: 'ay', value: encodeFileSizes(sizes) }, ...metadata };

/** On a host the package cache is the repository. Elsewhere as safe as libostree's own way: what the commit names is on disk before it counts. */
async function publish(c: CommitInputs, commit: string): Promise<void> {
  if (realpathSync(c.repo) === realpathSync(c.cache)) return;
  const sync = async () => {
    if (repositorySyncs(c.repo)) await run('sync', ['--file-system', c.repo], { signal: c.signal });
  };
  if (await linkCommit(c.cache, commit, c.repo, sync)) return;
  await ostree(c.repo, ['pull-local', c.cache, commit], `cannot write to repository '${c.repo}'`, c.signal);
}

/** As libostree's ostree_commit_get_content_checksum: SHA-256 of the bytes of the two checksums. */
const contentChecksum = (root: Root): string => sha256(Buffer.from(root.tree + root.meta, 'hex'));
