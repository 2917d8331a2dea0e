import type { CommitManifest } from '@apt-ostree/manifest';
import { span } from '@apt-ostree/run';
import { ostree } from './repository.ts';
import { type Metadata, toText } from './variant.ts';

type Stats = NonNullable<CommitManifest['stats']>;

export interface CommitInputs {
  /** The directory to commit. */
  tree: string;
  /** The package cache: files of the tree that are hardlinks into it are not read again. */
  cache: string;
  /** The repository that gets the commit. */
  repo: string;
  parent: string | undefined;
  ref: string | undefined;
  timestamp: number;
  metadata: Metadata;
  signal: AbortSignal;
}

export interface Written {
  commit: string;
  contentChecksum: string;
  stats: Stats;
}

/**
 * Writes the tree as a commit into the package cache, where its files mostly are already, and brings it into the
 * repository from there. No ref moves.
 */
export async function writeCommit(c: CommitInputs): Promise<Written> {
  const table = await span('phase', 'commit', () => commitToCache(c));
  const commit = /^Commit: ([0-9a-f]{64})$/m.exec(table)?.[1] as string;
  await span('phase', 'publish', () => publish(c, commit));
  return { commit, contentChecksum: await contentChecksum(c.repo, commit), stats: stats(table) };
}

async function commitToCache(c: CommitInputs): Promise<string> {
  const args = [
    ...['commit', '--orphan', '--subject=', `--timestamp=@${c.timestamp}`],
    ...[`--parent=${c.parent ?? 'none'}`, '--devino-canonical', '--fsync=0', '--table-output'],
    ...Object.entries(c.metadata).map(([key, value]) => `--add-metadata=${key}=${toText(value)}`),
    c.ref === undefined ? '--no-bindings' : `--bind-ref=${c.ref}`,
    `--tree=dir=${c.tree}`,
  ];
  return ostree(c.cache, args, 'cannot write the commit', c.signal);
}

async function publish(c: CommitInputs, commit: string): Promise<void> {
  await ostree(c.repo, ['pull-local', c.cache, commit], `cannot write to repository '${c.repo}'`, c.signal);
}

/** Checksum of the tree alone, as `ostree show` has it. */
async function contentChecksum(repo: string, commit: string): Promise<string> {
  const text = await ostree(repo, ['show', commit], 'cannot read the commit');
  return /^ContentChecksum: *([0-9a-f]{64})$/m.exec(text)?.[1] as string;
}

function stats(table: string): Stats {
  const number = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(table)?.[1] ?? 0);
  const contentTotal = number('Content Total');
  return {
    metadataTotal: number('Metadata Total'),
    metadataWritten: number('Metadata Written'),
    contentTotal,
    contentWritten: number('Content Written'),
    contentBytesWritten: number('Content Bytes Written'),
    cacheHits: number('Content Cache Hits'),
  };
}
