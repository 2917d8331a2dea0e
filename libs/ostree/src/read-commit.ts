import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import type { CommitManifest } from '@apt-ostree/manifest';
import { decodeCommit } from './decode-commit.ts';
import { checksum as sha256 } from './objects.ts';

export type CommittedPackage = CommitManifest['packages'][number];

/** What a commit says of itself. */
export interface CommitInfo {
  checksum: string;
  parent: string | undefined;
  /** Seconds since the epoch. */
  timestamp: number;
  subject: string;
  body: string;
  version: string | undefined;
  metadata: Record<string, unknown>;
  /** Checksums of the root's dirtree and dirmeta. */
  tree: string;
  meta: string;
  /**
   * `aptostree.packages`; undefined where it lists none. Read when it is asked for.
   * @throws AotError `data` when it is no such list
   */
  readonly packages: CommittedPackage[] | undefined;
}

/**
 * Reads a commit from a repository of any mode.
 * @throws AotError `noInput` when it is not there, `data` when it is damaged
 */
export function readCommit(repo: string, checksum: string): CommitInfo {
  const object = readObject(repo, checksum);
  if (sha256(object) !== checksum) throw damaged(repo, checksum);
  const { metadata, parent, timestamp, subject, body, tree, meta } = decodeCommit(object);
  const { version } = metadata;
  let packages: { list: CommittedPackage[] | undefined } | undefined;
  return {
    checksum,
    parent,
    timestamp,
    subject,
    body,
    version: typeof version === 'string' ? version : undefined,
    metadata,
    tree,
    meta,
    get packages() {
      packages ??= { list: packagesOf(metadata['aptostree.packages'], repo, checksum) };
      return packages.list;
    },
  };
}

function readObject(repo: string, checksum: string): Uint8Array {
  try {
    return readFileSync(join(repo, 'objects', checksum.slice(0, 2), `${checksum.slice(2)}.commit`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new AotError('noInput', `cannot find the commit '${checksum}' in '${repo}'`, { code: 'no-commit' });
    }
    throw explain(error, `cannot read the commit '${checksum}' in '${repo}'`);
  }
}

function packagesOf(value: unknown, repo: string, checksum: string): CommittedPackage[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw noList(repo, checksum);
  return value.map((row: unknown) => {
    if (!Array.isArray(row) || row.length < 5 || !row.every((cell) => typeof cell === 'string')) {
      throw noList(repo, checksum);
    }
    const [name, version, architecture, sourcePackage, sourceVersion] = row as [string, string, string, string, string];
    return { name, version, architecture, sourcePackage, sourceVersion };
  });
}

const damaged = (repo: string, checksum: string) =>
  new AotError('data', `cannot use the commit '${checksum}' in '${repo}': it is damaged`, {
    hint: "see 'ostree fsck'; removing it and pulling it again mends it",
  });
const noList = (repo: string, checksum: string) =>
  new AotError(
    'data',
    `cannot use the commit '${checksum}' in '${repo}': its 'aptostree.packages' is no list of packages`,
  );
