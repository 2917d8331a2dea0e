import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Removes a directory, or only what is in it where it is a mount of the build. */
export function removeContent(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
