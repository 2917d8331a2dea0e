import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { readGvariant } from '@apt-ostree/ostree';

/** What libostree keeps of a booted system until it is shut down. */
export const RUN = '/run/ostree';

export interface Staged {
  stateroot: string;
  /** `<checksum>.<serial>`. */
  name: string;
  bootChecksum: string;
  /** Undefined: those of the deployment that it follows. */
  kernelArguments: string[] | undefined;
  /** Name of the deployment whose /etc it gets. */
  merge: string | undefined;
  locked: boolean;
}

/** The deployment that a shutdown finalizes; undefined where none is staged. */
export function readStaged(): Staged | undefined {
  const file = join(RUN, 'staged-deployment');
  const bytes = read(file);
  return bytes && parseStaged(bytes, file);
}

/** Reads libostree's record of a staged deployment, an `a{sv}`. */
export function parseStaged(bytes: Uint8Array, file: string): Staged {
  const record = parse(bytes, file);
  const target = record.target as Record<string, unknown> | undefined;
  const { osname, name, bootcsum } = target ?? {};
  const { kargs, locked } = record;
  const { name: merge } = (record['merge-deployment'] ?? {}) as Record<string, unknown>;
  if (typeof osname !== 'string' || typeof name !== 'string') throw damaged(file);
  return {
    stateroot: osname,
    name,
    bootChecksum: typeof bootcsum === 'string' ? bootcsum : '',
    kernelArguments: Array.isArray(kargs) ? kargs.filter((k) => !String(k).startsWith('ostree=')) : undefined,
    merge: typeof merge === 'string' ? merge : undefined,
    locked: locked === true,
  };
}

/** Older libostree marks the lock by a file. */
export const isLocked = (staged: Staged): boolean => staged.locked || existsSync(join(RUN, 'staged-deployment-locked'));

function read(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw explain(error, `cannot read '${file}'`);
  }
}

function parse(bytes: Uint8Array, file: string): Record<string, unknown> {
  try {
    return readGvariant('a{sv}', bytes) as Record<string, unknown>;
  } catch {
    throw damaged(file);
  }
}

const damaged = (file: string) => new AotError('data', `cannot use '${file}': it is no record of a staged deployment`);
