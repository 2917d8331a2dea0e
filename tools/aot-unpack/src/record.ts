import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry, ImportedPackage } from '@apt-ostree/dpkg';
import { cachePaths, packageRef } from '@apt-ostree/manifest';
import type { BareRepo } from '@apt-ostree/ostree';
import { makeDirectories, replaceFile } from '@apt-ostree/run';

/** What the importer learnt of a package, and its commit. */
export interface PackageRecord extends ImportedPackage {
  commit: string;
}

/** Changes when records get another form or packages are imported in another way: older ones are made again. */
const GENERATION = 4;

type Row = [path: string, type: 'd' | 'f' | 'l', mode: number, uid: number, gid: number, ...rest: (string | number)[]];

/**
 * The record of an imported package.
 * @returns undefined when it was never imported here, or by an older version, or when record and commit do not fit: then
 *   importing it again repairs the cache
 */
export function readRecord(cachedir: string, repo: BareRepo, sha256: string): PackageRecord | undefined {
  const commit = repo.resolve(packageRef(sha256));
  if (commit === undefined || !repo.has(commit, 'commit')) return undefined;
  const stored = parse(recordPath(cachedir, sha256));
  if (stored?.generation !== GENERATION || stored.commit !== commit) return undefined;
  const { generation: _generation, entries, preinst, ...rest } = stored;
  return { ...rest, preinst: preinst ?? undefined, entries: entries.map(fromRow) };
}

/** Writes the record of a package in one step. */
export function writeRecord(cachedir: string, sha256: string, record: PackageRecord): void {
  const path = recordPath(cachedir, sha256);
  makeDirectories(cachePaths(cachedir).imported);
  const stored: Stored = {
    generation: GENERATION,
    ...record,
    preinst: record.preinst ?? null,
    entries: record.entries.map(toRow),
  };
  replaceFile(path, JSON.stringify(stored));
}

type Stored = Omit<PackageRecord, 'entries' | 'preinst'> & {
  generation: number;
  preinst: string | null;
  entries: Row[];
};

const recordPath = (cachedir: string, sha256: string): string => join(cachePaths(cachedir).imported, `${sha256}.json`);

function parse(path: string): Stored | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Stored;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function toRow(e: Entry): Row {
  if (e.type === 'directory') return [e.path, 'd', e.mode, e.uid, e.gid];
  if (e.type === 'symlink') return [e.path, 'l', e.mode, e.uid, e.gid, e.object, e.target];
  return [e.path, 'f', e.mode, e.uid, e.gid, e.object, e.size];
}

function fromRow([path, type, mode, uid, gid, object, last]: Row): Entry {
  const owned = { path, mode, uid, gid };
  if (type === 'd') return { ...owned, type: 'directory' };
  if (type === 'l') return { ...owned, type: 'symlink', object: object as string, target: last as string };
  return { ...owned, type: 'file', object: object as string, size: last as number };
}
