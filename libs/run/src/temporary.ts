import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { type Lock, lock } from './lock.ts';

export interface TemporaryDirectory {
  path: string;
  remove(): Promise<void>;
}

const PREFIX = 'aot-tmp.';

/** After this many milliseconds nobody is between taking a lock and making its directory. */
const LONG_AGO = 3_600_000;

/**
 * Makes a locked temporary directory below `parent`. Whoever comes next sweeps those whose lock nobody holds, so that
 * a killed run leaves nothing for long. The lock is there before the directory, so that no sweep comes in between.
 */
export async function temporaryDirectory(parent: string): Promise<TemporaryDirectory> {
  const path = join(parent, PREFIX + randomBytes(8).toString('hex'));
  const held = await guarded(parent, () => {
    mkdirSync(parent, { recursive: true });
    return lock(`${path}.lock`);
  });
  await guarded(parent, () => mkdirSync(path, { mode: 0o700 }));
  return {
    path,
    async remove() {
      rmSync(path, { recursive: true, force: true });
      await held.release();
      rmSync(`${path}.lock`, { force: true });
    },
  };
}

async function guarded<T>(parent: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, `cannot create a temporary directory in '${parent}'`);
  }
}

/** Removes the temporary directories below `parent` that no living process holds. */
export async function sweep(parent: string): Promise<void> {
  const names = new Set(list(parent).filter((name) => name.startsWith(PREFIX)));
  for (const name of names) {
    if (name.endsWith('.lock')) {
      if (!names.has(name.slice(0, -'.lock'.length))) removeOldLock(join(parent, name));
    } else await sweepOne(join(parent, name));
  }
}

async function sweepOne(path: string): Promise<void> {
  const held = await claim(`${path}.lock`);
  if (held === undefined) return;
  rmSync(path, { recursive: true, force: true });
  rmSync(`${path}.lock`, { force: true });
  await held.release();
}

function removeOldLock(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat && Date.now() - stat.mtimeMs > LONG_AGO) rmSync(file, { force: true });
}

function list(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch {
    return [];
  }
}

async function claim(file: string): Promise<Lock | undefined> {
  try {
    return await lock(file, { wait: false });
  } catch (error) {
    if (error instanceof AotError && error.code === 'busy') return undefined;
    throw error;
  }
}
