import { statfsSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';

/** How much others than root may still write to the file system of a directory. */
export function freeBytes(directory: string): number {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch (error) {
    throw explain(error, `cannot tell how much is free on '${directory}'`);
  }
}

/** As in `12.3 MB`. */
export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
