import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AotError, EXIT, explain } from '@apt-ostree/errors';

export interface MakeDirectoriesOptions {
  /** Of the directories that are made, before the umask; 0777. */
  mode?: number;
  /** What was being done, for the error: `cannot create repository 'repo'`. */
  what?: string;
  hint?: string;
}

/**
 * Makes a directory and the parents that it lacks; one that is there stays as it is. For every directory that a user
 * names: `mkdirSync` with `recursive` never returns where the kernel answers ENOENT below a directory that is there, as
 * it does in /proc.
 * @throws AotError `cannotCreate`, or `io` for a disk that is full or broken
 */
export function makeDirectories(path: string, options: MakeDirectoriesOptions = {}): void {
  const what = options.what ?? `cannot create directory '${path}'`;
  try {
    for (const directory of missing(resolve(path), what)) make(directory, options.mode);
  } catch (error) {
    throw asCreation(explain(error, what), options.hint);
  }
}

/** The directories to make, parents first. */
function missing(path: string, what: string): string[] {
  const list: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const stat = statIfThere(at);
    if (stat?.isDirectory()) return list;
    if (stat !== undefined) throw new AotError('cannotCreate', `${what}: '${at}' is not a directory`);
    list.unshift(at);
  }
}

/** What a link leads to, or the link itself where that is nothing. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Somebody else may have made it in the meantime. */
function make(directory: string, mode: number | undefined): void {
  try {
    mkdirSync(directory, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function asCreation(error: unknown, hint: string | undefined): unknown {
  if (!(error instanceof AotError) || error.exit === EXIT.io) return error;
  return new AotError('cannotCreate', error.message, { hint: hint ?? error.hint, cause: error.cause });
}
