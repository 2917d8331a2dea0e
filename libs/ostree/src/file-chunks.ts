import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes that are read at once. */
export const CHUNK = 64 * 1024;

/** The content of a file from first to last, each piece good until the next is asked for. */
export function* fileChunks(path: string): Generator<Uint8Array> {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, fstatSync(fd).size));
    while (chunk.length > 0) {
      const got = readSync(fd, chunk);
      if (got === 0) return;
      yield chunk.subarray(0, got);
    }
  } finally {
    closeSync(fd);
  }
}
