import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file without a name, which nobody finds and which goes with its last descriptor. @returns one, at its beginning */
export function namelessFile(text: string): number {
  const directory = mkdtempSync(join(tmpdir(), 'aot-'));
  try {
    const fd = openSync(join(directory, 'file'), 'wx+', 0o600);
    writeSync(fd, text, 0);
    return fd;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
