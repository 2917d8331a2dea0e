import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { lock } from '@apt-ostree/run';

/**
 * Makes a directory that several test files use: the first that asks makes it, and the others wait for it.
 * @param make fills the empty directory; it is not one of ours before this has ended
 */
export async function once(directory: string, make: () => Promise<unknown>): Promise<void> {
  const done = `${directory}.done`;
  mkdirSync(dirname(directory), { recursive: true });
  const held = await lock(`${directory}.lock`);
  try {
    if (existsSync(done)) return;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    await make();
    mkdirSync(done);
  } finally {
    await held.release();
  }
}
