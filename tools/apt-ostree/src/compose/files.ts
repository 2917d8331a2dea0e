import { accessSync, closeSync, constants, futimesSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';

/** As touch(1): makes the file, or gives it the time of now. */
export function touch(file: string): void {
  try {
    const fd = openSync(file, 'a', 0o644);
    const now = new Date();
    futimesSync(fd, now, now);
    closeSync(fd);
  } catch (error) {
    throw explain(error, `cannot touch '${file}'`);
  }
}

/** Options that name a file to be written once the work is done. */
const WRITTEN = ['write-composejson-to', 'write-commitid-to', 'write-lockfile-to', 'touch-if-changed'] as const;

/**
 * Files that are written at the end, when a ref has moved, must be such that they can be.
 * @throws AotError `cannotCreate` and the like, before anything is done
 */
export function requireWritable(args: { [option in (typeof WRITTEN)[number]]?: string | undefined }): void {
  for (const option of WRITTEN) {
    const file = args[option];
    if (file !== undefined) requirePlace(file);
  }
}

function requirePlace(file: string): void {
  const what = `cannot write '${file}'`;
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explain(error, what);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new AotError('cannotCreate', `${what}: it is a directory`);
}
