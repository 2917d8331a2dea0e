import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { cachePaths, canonicalJson, sha256 } from '@apt-ostree/manifest';
import { type Lock, lock, makeDirectories } from '@apt-ostree/run';
import type { ArchiveSource } from './archive-source.ts';
import { dropStaleCache } from './binary-cache.ts';
import { machineAcquireOptions } from './machine-config.ts';
import { rootConfig, rootPaths } from './root-config.ts';
import { formatSources } from './write-sources.ts';

export interface AptRoot {
  path: string;
  /** For APT_CONFIG. */
  config: string;
  lists: string;
  lock: string;
  sources: readonly ArchiveSource[];
  /** The tree's own first, then foreign ones. */
  architectures: readonly string[];
}

export interface RootOptions {
  /** The tree's own first, then foreign ones. */
  architectures: readonly string[];
  cachedir: string;
  /** The text of a dpkg status file that the solution starts from; empty without it. */
  status?: string;
  /** Root of the system whose keys, credentials and Acquire options count; this machine's without it. */
  system?: string;
}

/** Whether its indices were once updated as a whole, so that work without network can build on them. */
export const isComplete = (root: AptRoot): boolean => existsSync(rootPaths(root.path).complete);

/**
 * Names the private root of a set of sources; nothing is made.
 * @throws AotError `usage` for a directory that apt's configuration cannot name
 */
export function aptRoot(sources: readonly ArchiveSource[], options: RootOptions): AptRoot {
  const { architectures, cachedir, system } = options;
  // what is installed is no part of it: another base needs no other indices
  const start = system ?? (options.status === undefined ? sha256('') : 'base');
  const of = [sources, sources.map(keyDigest), architectures, start];
  const key = sha256(canonicalJson(of)).slice(0, 24);
  const path = resolve(cachePaths(cachedir).apt, key);
  if (/["\n]/.test(path))
    throw new AotError('usage', `cannot keep indices in '${path}': apt.conf has no way to quote it`);
  const { config, lists, lock } = rootPaths(path);
  return { path, config, lists, lock, sources, architectures };
}

/**
 * Makes or refreshes a private root: directories, sources, configuration. Only root's or the user's eyes: sources and
 * proxies may carry credentials.
 */
export async function prepareRoot(root: AptRoot, options: RootOptions): Promise<void> {
  const p = rootPaths(root.path);
  try {
    rmSync(p.tmp, { recursive: true, force: true });
    for (const directory of [p.tmp, p.sources, join(p.lists, 'partial'), join(p.cache, 'archives/partial')])
      makeDirectories(directory, { mode: 0o700 });
    for (const [name, text] of formatSources(root.sources)) replace(join(p.sources, name), text);
    if (replace(p.status, options.status ?? '', true)) rmSync(join(p.cache, 'pkgcache.bin'), { force: true });
    const acquire = await machineAcquireOptions(options.system);
    replace(p.config, rootConfig(root.path, root.architectures, acquire, options.system));
    dropStaleCache(root.path);
  } catch (error) {
    throw explain(error, `cannot write apt's private root in '${options.cachedir}'`);
  }
}

/** Seconds since its indices were last brought up to date; infinite where they never were. */
export function ageOf(root: AptRoot): number {
  const stat = statSync(rootPaths(root.path).complete, { throwIfNoEntry: false });
  return stat === undefined ? Number.POSITIVE_INFINITY : Math.max(0, (Date.now() - stat.mtimeMs) / 1000);
}

/** Keeps others out of a private root while it is updated and solved in. */
export async function holdRoot(root: AptRoot): Promise<Lock> {
  makeDirectories(root.path, { mode: 0o700 });
  return lock(root.lock, { wait: true, what: 'apt-ostree: package indices' });
}

/**
 * apt's binary cache is valid as long as the time of the status file is the same.
 * @returns whether it was another one
 */
function replace(file: string, text: string, fixedTime = false): boolean {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  writeFileSync(file, text, { mode: 0o600 });
  if (fixedTime) utimesSync(file, 1, 1);
  return true;
}

/** A key ring that changed must not vouch for indices that the old one let in. */
function keyDigest({ signedBy }: ArchiveSource): string | null {
  if (signedBy === undefined || !signedBy.startsWith('/') || signedBy.includes('\n')) return null;
  return existsSync(signedBy) ? sha256(readFileSync(signedBy)) : null;
}
