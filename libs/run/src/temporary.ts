import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { type Lock, lock } from './lock.ts';

export interface TemporaryDirectory {
  path: string;
  remove(): Promise<void>;
}

const PREFIX = 'aot-tmp.';

/**
 * Makes a locked temporary directory below `parent`. Whoever comes next sweeps those whose lock nobody holds, so that
 * a killed run leaves nothing for long.
 */
export async function temporaryDirectory(parent: string): Promise<TemporaryDirectory> {
  let path: string;
  try {
    mkdirSync(parent, { recursive: true });
    path = mkdtempSync(join(parent, PREFIX));
  } catch (error) {
    throw explain(error, `cannot create a temporary directory in '${parent}'`);
  }
  const held = await lock(`${path}.lock`);
  return {
    path,
    async remove() {
      rmSync(path, { recursive: true, force: true });
      await held.release();
      rmSync(`${path}.lock`, { force: true });
    },
  };
}

/** Removes the temporary directories below `parent` that no living process holds. */
export async function sweep(parent: string): Promise<void> {
  for (const name of list(parent)) {
    if (!name.startsWith(PREFIX) || name.endsWith('.lock')) continue;
    const path = join(parent, name);
    const held = await claim(`${path}.lock`);
    if (held === undefined) continue;
    rmSync(path, { recursive: true, force: true });
    rmSync(`${path}.lock`, { force: true });
    await held.release();
  }
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
