import { closeSync, futimesSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { explain } from '@apt-ostree/errors';

/** Writes a file so that it is there whole or not at all. */
export function writeText(file: string, text: string): void {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw explain(error, `cannot write '${file}'`);
  }
}

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
