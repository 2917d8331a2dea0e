import { readFileSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';
import { canonicalJson, type PackageItem, type PackagesManifest, packageId, parseManifest } from '@apt-ostree/manifest';
import type { Treefile } from '@apt-ostree/treefile';
import { requestOf } from './request-of.ts';
import type { Resolved } from './resolved.ts';

/** What the lock files say together. */
export interface Locks {
  manifests: PackagesManifest[];
  /** By name:architecture; of several locks the later wins. */
  packages: Map<string, PackageItem>;
  /** Nothing may be there that no lock has. */
  strict: boolean;
}

/** @throws AotError `noInput` for a missing file, `data` for one that is no aot.packages/v1, or of another architecture */
export function readLocks(files: readonly string[], strict: boolean, architecture: string): Locks {
  if (strict && files.length === 0)
    throw new AotError('usage', "option '--lockfile-strict' needs a lock file", { hint: 'give it with --lockfile' });
  const manifests = files.map((file) => readLock(file, architecture));
  const packages = new Map(manifests.flatMap((m) => m.packages.map((p) => [packageId(p), p] as const)));
  return { manifests, packages, strict };
}

function readLock(file: string, architecture: string): PackagesManifest {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read lock file '${file}'`);
  }
  const manifest = parseManifest(text, ['aot.packages/v1'], `lock file '${file}'`);
  if (manifest.architecture === architecture) return manifest;
  throw new AotError(
    'data',
    `cannot use lock file '${file}': it is for ${manifest.architecture}, not ${architecture}`,
    {
      code: 'lock-architecture',
      hint: 'keep one lock file per architecture',
    },
  );
}

/**
 * The lock that answers everything: made for the same request, and no later lock changes a version of its. Then nothing is
 * left to solve, and the order of a new solve could only differ.
 */
export function wholeLock(locks: Locks, treefile: Treefile): Resolved | undefined {
  const request = canonicalJson(requestOf(treefile));
  const whole = locks.manifests.findLast(
    (m) =>
      canonicalJson(requestOf(m.treefile as unknown as Treefile)) === request &&
      m.packages.every((p) => locks.packages.get(packageId(p))?.sha256 === p.sha256),
  );
  if (whole === undefined) return undefined;
  const { architecture, foreignArchitectures, apt, indices, packages, plan, essential, base } = whole;
  const all = { architecture, foreignArchitectures, apt, indices, packages, plan, essential };
  return base === undefined ? all : { ...all, base };
}

/**
 * Checks a solution that was made with pins of the locks.
 * @throws AotError `failed` when the archives no longer offer what is locked, or a strict lock lacks a package; `data` when
 * the archives offer another file under the locked version
 */
export function checkLocked(resolved: Resolved, locks: Locks): void {
  if (locks.manifests.length === 0) return;
  const stale: string[] = [];
  const lacking: string[] = [];
  for (const item of resolved.packages) {
    const id = packageId(item);
    const locked = locks.packages.get(id);
    if (locked === undefined) lacking.push(`'${id}' ${item.version}`);
    else if (locked.version !== item.version) stale.push(`'${id}' ${locked.version}`);
    else if (locked.sha256 !== item.sha256) throw otherFile(id, item.version);
  }
  if (stale.length > 0) throw outOfDate(stale);
  if (locks.strict && lacking.length > 0) throw notLocked(lacking);
}

const otherFile = (id: string, version: string): AotError =>
  new AotError('data', `cannot use the lock: the archives offer another file as '${id}' ${version}`, {
    code: 'lock-mismatch',
    hint: 'a version is never published twice with different contents; find out which archive did',
  });

const outOfDate = (stale: readonly string[]): AotError =>
  new AotError('failed', `cannot use the lock: no archive offers ${stale.join(', ')} any more`, {
    code: 'stale-lock',
    hint: "name an archive of old versions in the treefile's 'lockfile-repos', or resolve without --lockfile",
  });

const notLocked = (lacking: readonly string[]): AotError =>
  new AotError('failed', `cannot keep to the lock: it lacks ${lacking.join(', ')}`, {
    code: 'not-locked',
    hint: 'resolve without --lockfile-strict and keep the result as the new lock',
  });

/** What locks hold, as a part of keys. */
export const lockedVersions = (locks: Locks): string[] =>
  [...locks.packages.values()].map((p) => `${packageId(p)} ${p.version} ${p.sha256}`).sort();
