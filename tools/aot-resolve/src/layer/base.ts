import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installedStanzas, parseStatus } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import { packageId, sha256 } from '@apt-ostree/manifest';
import { openTree, readCommit } from '@apt-ostree/ostree';
import { readText } from '@apt-ostree/run';
import { parseRelationships } from 'deb822';

/** A package that the base has. */
export interface BasePackage {
  name: string;
  version: string;
  architecture: string;
}

/** What packages are layered on. */
export interface Base {
  /** Of a root that is no commit: the digest of its status file. */
  commit: string;
  /** Seconds since the epoch. */
  timestamp: number;
  /** The text of dpkg's status file. */
  status: string;
  /** The tree's own architecture first. */
  architectures: string[];
  /** By name:architecture. */
  installed: ReadonlyMap<string, BasePackage>;
  /** Which package provides a virtual name; with the version, where it is provided with one. */
  provided: ReadonlyMap<string, { by: BasePackage; version: string | undefined }>;
  /** Names of packages that are to stay as they are, installed or not: `apt-mark hold`. */
  held: ReadonlySet<string>;
}

/** Where a commit has dpkg's database. */
const ADMINDIRS = ['usr/lib/sysimage/dpkg', 'usr/share/dpkg/database', 'var/lib/dpkg'];

/**
 * Reads dpkg's database of a commit.
 * @throws AotError `data` where it has none
 */
export function readBase(repo: string, commit: string): Base {
  const { timestamp } = readCommit(repo, commit);
  const tree = openTree(repo, commit);
  const admindir = ADMINDIRS.find((path) => tree.read(`${path}/status`) !== undefined);
  if (admindir === undefined) throw noDatabase(commit);
  const read = (name: string) => Buffer.from(tree.read(`${admindir}/${name}`) ?? []).toString('utf8');
  const status = read('status');
  const architectures = read('arch').split('\n').filter(Boolean);
  return { commit, timestamp, status, architectures, ...packagesOf(status) };
}

/**
 * Reads dpkg's database of a system that is there as files.
 * @throws AotError `data` where it has none
 */
export function readRoot(root: string): Base {
  const file = (name: string) => join(root, 'var/lib/dpkg', name);
  if (!existsSync(file('status')))
    throw new AotError('data', `cannot layer packages on '${root}': it has no database of dpkg`, {
      code: 'no-database',
    });
  const status = readText(file('status'));
  const architectures = existsSync(file('arch')) ? readText(file('arch')).split('\n').filter(Boolean) : [];
  return { commit: sha256(status), timestamp: 0, status, architectures, ...packagesOf(status) };
}

function packagesOf(status: string): Pick<Base, 'installed' | 'provided' | 'held'> {
  const installed = new Map<string, BasePackage>();
  const provided = new Map<string, { by: BasePackage; version: string | undefined }>();
  for (const stanza of installedStanzas(status)) {
    const [name = '', version = '', architecture = ''] = ['Package', 'Version', 'Architecture'].map((f) =>
      stanza.get(f),
    );
    const by = { name, version, architecture };
    installed.set(packageId(by), by);
    for (const [p] of parseRelationships(stanza.get('Provides') ?? ''))
      if (p !== undefined) provided.set(p.name, { by, version: p.version?.version });
  }
  const onHold = parseStatus(status).filter((stanza) => stanza.get('Status')?.startsWith('hold '));
  return { installed, provided, held: new Set(onHold.map((stanza) => stanza.get('Package') ?? '')) };
}

const noDatabase = (commit: string): AotError =>
  new AotError('data', `cannot layer packages on commit '${commit}': it has no database of dpkg`, {
    code: 'no-database',
    hint: 'a tree that apt-ostree composed has one',
  });
