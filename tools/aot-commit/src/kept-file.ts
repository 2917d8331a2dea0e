import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { explain } from '@apt-ostree/errors';
import { sha256 } from '@apt-ostree/manifest';
import { makeDirectories } from '@apt-ostree/run';

/** Stands beside a file and holds its SHA-256: nothing is synced, so a power failure may cut either. */
const sumOf = (file: string): string => `${file}.sha256`;

/** A file from the cache; undefined when there is none, or when it is not what was kept. */
export function keptFile(file: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(file);
    return readFileSync(sumOf(file), 'utf8') === sha256(bytes) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Moves a file into the cache.
 * @param made where it is, on the cache's file system
 * @returns its bytes
 */
export function keepFile(file: string, made: string): Uint8Array {
  const bytes = readFileSync(made);
  try {
    makeDirectories(dirname(file));
    writeFileSync(sumOf(made), sha256(bytes));
    renameSync(made, file);
    renameSync(sumOf(made), sumOf(file));
  } catch (error) {
    throw explain(error, `cannot keep '${file}'`);
  }
  return bytes;
}
