import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { explain, isAotError } from '@apt-ostree/errors';
import { type Lock, lock } from './lock.ts';
import { makeDirectories } from './make-directories.ts';
import { hasEnded } from './process-mark.ts';
import { isReplacement } from './replace-file.ts';
import { run } from './run.ts';

export interface TemporaryDirectory {
  path: string;
  remove(): Promise<void>;
}

const PREFIX = 'aot-tmp.';
const LOCK = '.lock';

/**
 * Makes a locked temporary directory below `parent`. Whoever comes next sweeps those whose lock nobody holds, so that
 * a killed run leaves nothing for long. The lock comes first: a directory without one is anybody's to remove.
 */
export async function temporaryDirectory(parent: string): Promise<TemporaryDirectory> {
  const path = join(parent, PREFIX + randomBytes(6).toString('hex'));
  const what = `cannot create a temporary directory in '${parent}'`;
  makeDirectories(parent, { what });
  const held = await hold(path + LOCK);
  try {
    attempt(what, () => mkdirSync(path, { mode: 0o700 }));
  } catch (error) {
    rmSync(path + LOCK, { force: true });
    await held.release();
    throw error;
  }
  return {
    path,
    async remove() {
      const what = `cannot remove '${path}'`;
      if (isTree(path)) await run('rm', ['-rf', '--', path], { what }); // Node takes ten times as long
      attempt(what, () => removeBoth(path));
      await held.release();
    },
  };
}

/** On a full disk the file can be made and not be written. */
async function hold(file: string): Promise<Lock> {
  try {
    return await lock(file);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/**
 * Removes what killed processes left in `parent`: temporary directories that no living one holds, and files that were to
 * replace another. What cannot be removed stays.
 */
export async function sweep(parent: string): Promise<void> {
  const there = list(parent);
  for (const name of there) if (isReplacement(name) && hasEnded(name)) remove(join(parent, name));
  const names = there.filter((name) => name.startsWith(PREFIX));
  for (const name of new Set(names.map((n) => (n.endsWith(LOCK) ? n.slice(0, -LOCK.length) : n)))) {
    const path = join(parent, name);
    const held = await claim(path + LOCK);
    if (held === undefined) continue;
    remove(path, removeBoth);
    await held.release();
  }
}

function remove(path: string, by: (path: string) => void = rmSync): void {
  try {
    by(path);
  } catch {
    // left for somebody who may: root, or the user in a namespace with all ids
  }
}

/** Whether it holds directories, as trees do. */
const isTree = (path: string): boolean =>
  existsSync(path) && readdirSync(path, { withFileTypes: true }).some((entry) => entry.isDirectory());

/** The lock's file goes last, while the lock is held. */
function removeBoth(path: string): void {
  rmSync(path, { recursive: true, force: true });
  rmSync(path + LOCK, { force: true });
}

function attempt(what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw explain(error, what);
  }
}

function list(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch {
    return [];
  }
}

/** Undefined where somebody holds it, or where it is not ours to lock. */
async function claim(file: string): Promise<Lock | undefined> {
  try {
    return await lock(file, { wait: false });
  } catch (error) {
    if (isAotError(error) && error.code !== 'not-installed') return undefined;
    throw error;
  }
}
