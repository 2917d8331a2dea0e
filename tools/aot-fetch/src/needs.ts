import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { archivePath, cachePaths, type PackageItem, packageRef } from '@apt-ostree/manifest';
import { statIfThere } from './stat-if-there.ts';

/** What one package still needs. */
export interface Need {
  item: PackageItem;
  /** The commit it was imported as, where it was. */
  imported: string | undefined;
  /** Whether the .deb is there, or will be. */
  file: boolean;
  /** Whether that .deb has to be fetched first. */
  download: boolean;
}

export interface NeedOptions {
  cachedir: string;
  /** A package cache whose imports count. */
  have: string | undefined;
  /** Hash again what is in the cache. */
  rehash: boolean;
  /** Every .deb has to be there, as dpkg may have to unpack it over what a base has. */
  files: boolean;
}

/** Compares the packages of a manifest with what is there. A file that is there is passed on also where it is not needed. */
export async function needs(packages: readonly PackageItem[], options: NeedOptions): Promise<Need[]> {
  const { have, cachedir } = options;
  if (have !== undefined) checkRepo(have);
  const all: Need[] = [];
  for (const item of packages) {
    const imported = have === undefined ? undefined : importedCommit(have, item.sha256);
    const cached = isCached(item, options);
    const download =
      !cached && (imported === undefined || options.files || (await neededInSandbox(cachedir, item.sha256)));
    all.push({ item, imported, file: cached || download, download });
  }
  return all;
}

/**
 * A file has its name only once its SHA-256 was seen to be right, so the name and the size are believed: reading a whole
 * cache again costs more than most builds. A file that went bad afterwards, with its size unchanged, is found by the
 * importer, which hashes what it reads; `--verify-cache` finds it here.
 */
function isCached(item: PackageItem, options: NeedOptions): boolean {
  const path = join(options.cachedir, archivePath(item.sha256));
  const stat = statIfThere(path);
  if (!stat?.isFile() || stat.size !== item.size) return false;
  return !options.rehash || hashOf(path) === item.sha256;
}

function hashOf(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(path, 'r');
  for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer)) hash.update(buffer.subarray(0, n));
  closeSync(fd);
  return hash.digest('hex');
}

/** Refs of a bare repository are files; asking ostree would cost a process for each package. */
function importedCommit(repo: string, sha256: string): string | undefined {
  const text = readIfThere(join(repo, 'refs/heads', packageRef(sha256)))?.trim();
  return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

/**
 * A package whose preinst has to run is unpacked by dpkg itself, which needs the file although the import is there. So it
 * is where the importer's record is lost, since the import has to be made again then.
 */
async function neededInSandbox(cachedir: string, sha256: string): Promise<boolean> {
  const text = readIfThere(join(cachePaths(cachedir).imported, `${sha256}.json`));
  const preinst = text === undefined ? undefined : preinstOf(text);
  if (preinst === undefined) return true;
  const { classifyPreinst } = await import('@apt-ostree/dpkg');
  return classifyPreinst(preinst ?? undefined, true) === 'unknown';
}

/** The preinst that the importer recorded; null for a package without one, undefined for a record that is none. */
function preinstOf(record: string): string | null | undefined {
  try {
    const { preinst } = JSON.parse(record) as { preinst?: unknown };
    return preinst === null || typeof preinst === 'string' ? preinst : undefined;
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw explain(error, `cannot read '${path}'`);
  }
}

/** A cache that nobody has filled yet has nothing; anything else must be a repository. */
function checkRepo(repo: string): void {
  if (statIfThere(repo) === undefined) return;
  if (statIfThere(join(repo, 'config'))?.isFile()) return;
  throw new AotError('noInput', `cannot use '${repo}': it is no OSTree repository`, {
    code: 'no-repository',
    hint: 'without --have everything is downloaded that the cache lacks',
  });
}
