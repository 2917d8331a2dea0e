import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { explain } from '@apt-ostree/errors';
import { sha256 } from '@apt-ostree/manifest';
import { makeDirectories } from '@apt-ostree/run';

/** Stands beside an image and holds its SHA-256: nothing is synced, so a power failure may cut either. */
const sumOf = (image: string): string => `${image}.sha256`;

/** An image from the cache; undefined when there is none, or when it is not what was kept. */
export function keptImage(image: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(image);
    return readFileSync(sumOf(image), 'utf8') === sha256(bytes) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Moves an image into the cache.
 * @param made where it is, on the cache's file system
 * @returns its bytes
 */
export function keepImage(image: string, made: string): Uint8Array {
  const bytes = readFileSync(made);
  try {
    makeDirectories(dirname(image));
    writeFileSync(sumOf(made), sha256(bytes));
    renameSync(made, image);
    renameSync(sumOf(made), sumOf(image));
  } catch (error) {
    throw explain(error, `cannot keep the initramfs in '${dirname(image)}'`);
  }
  return bytes;
}
