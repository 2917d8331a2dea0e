import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { cachePaths, type ScriptRun } from '@apt-ostree/manifest';
import { makeDirectories, replaceFile, span } from '@apt-ostree/run';
import { openBareRepo } from './bare-repo.ts';
import { linkCheckout } from './link-checkout.ts';
import { listingDigest } from './listing-digest.ts';
import { writeTree } from './write-tree.ts';

/** How many configured trees a cache keeps: those used last. */
const KEPT = 3;

const refOf = (key: string): string => `aot/tree/${key}`;
const recordOf = (cachedir: string, key: string): string => join(cachePaths(cachedir).configured, `${key}.json`);
const refFile = (cachedir: string, key: string): string => join(cachePaths(cachedir).repo, 'refs/heads', refOf(key));

/** True when the tree that `configureKey` names is in the cache. */
export function hasConfigured(cachedir: string, key: string): boolean {
  const there = (file: string) => statSync(file, { throwIfNoEntry: false }) !== undefined;
  return there(recordOf(cachedir, key)) && there(refFile(cachedir, key));
}

/** What is kept beside a tree. */
interface Kept {
  scripts: ScriptRun[];
  /** See listingDigest. */
  listing: string;
}

/**
 * Makes `rootfs` (which must not exist) the configured tree of that key, by hard links into the package cache; empty files
 * are copied, since one object would have to stand for all of them.
 * @returns the script record of its making
 * @throws AotError `data` when the tree is not what was kept, as after a power failure
 */
export async function checkoutConfigured(cachedir: string, key: string, rootfs: string): Promise<ScriptRun[]> {
  return span('phase', 'checkout configured tree', async () => {
    const { scripts, listing } = readRecord(recordOf(cachedir, key));
    makeDirectories(dirname(rootfs));
    const repo = cachePaths(cachedir).repo;
    await linkCheckout(repo, refOf(key), rootfs, `cannot check out the configured tree to '${rootfs}'`);
    if (listingDigest(rootfs) !== listing) throw new AotError('data', `'${repo}' has lost parts of it`);
    const now = new Date();
    utimesSync(recordOf(cachedir, key), now, now);
    return scripts;
  });
}

/**
 * Keeps a configured tree: a commit in the package cache. The tree's files are hard links into it afterwards, without their
 * time. The trees used longest ago lose their refs.
 */
export async function storeConfigured(
  cachedir: string,
  key: string,
  rootfs: string,
  scripts: readonly ScriptRun[],
): Promise<void> {
  await span('phase', 'keep configured tree', async () => {
    const repo = await openBareRepo(cachePaths(cachedir).repo);
    rmSync(refFile(cachedir, key), { force: true }); // what it names may be damaged, and is nobody's parent
    const { root } = await writeTree(repo, rootfs, { adopt: true });
    repo.setRef(refOf(key), repo.commit({ subject: 'configured tree', timestamp: 0, ...root }));
    writeRecord(recordOf(cachedir, key), { scripts: [...scripts], listing: listingDigest(rootfs) });
    forgetOldest(cachedir);
  });
}

/** Another run may have forgotten it since it was seen. */
function readRecord(file: string): Kept {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) ?? {}) as Kept;
  } catch (error) {
    throw explain(error, `cannot read '${file}'`);
  }
}

function writeRecord(file: string, kept: Kept): void {
  makeDirectories(dirname(file));
  replaceFile(file, JSON.stringify(kept));
}

function forgetOldest(cachedir: string): void {
  const { configured } = cachePaths(cachedir);
  // another run may forget it at the same moment
  const age = (name: string) => statSync(join(configured, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const records = readdirSync(configured).filter((name) => name.endsWith('.json'));
  for (const name of records.sort((a, b) => age(b) - age(a)).slice(KEPT)) {
    const key = name.slice(0, -'.json'.length);
    if (!/^[0-9a-f]{64}$/.test(key)) throw new AotError('data', `cannot use '${configured}': '${name}' is not ours`);
    rmSync(join(configured, name), { force: true });
    rmSync(refFile(cachedir, key), { force: true });
  }
}
