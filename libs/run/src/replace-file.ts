import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { explain } from '@apt-ostree/errors';
import { processMark } from './process-mark.ts';

/**
 * Gives `file` a new content in one step: a reader sees the old or the new one, whole (rename(2)).
 * @param what completes the error's text; `cannot write 'FILE'` if not given
 */
export function replaceFile(file: string, content: string | Uint8Array, what?: string): void {
  replaceWith(file, (temporary) => writeFileSync(temporary, content), what);
}

/** Whether it is the name of a file that was to replace another. */
export const isReplacement = (name: string): boolean => name.startsWith('.') && name.endsWith('.tmp');

/** As replaceFile, with `make` writing the content to the path that it is given, in the same directory. */
export function replaceWith(file: string, make: (temporary: string) => void, what = `cannot write '${file}'`): void {
  const temporary = join(dirname(file), `.${basename(file)}.${processMark}.tmp`);
  try {
    make(temporary);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw explain(error, what);
  }
}
