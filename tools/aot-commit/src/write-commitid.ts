import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';

/** Writes the checksum of a commit to a file, whole or not at all. */
export function writeCommitId(file: string, commit: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${commit}\n`);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw explain(error, `cannot write '${file}'`);
  }
}
