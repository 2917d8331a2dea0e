import { closeSync, futimesSync, openSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';

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
