import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The key of a commit's metadata (`ay`) under which it says how large its files are: only a pull would tell otherwise. */
export const FILE_SIZES = 'aptostree.file-sizes';

/** For each file the first eight bytes of its checksum, and its size in blocks, in network order; sorted. */
const PREFIX = 8;
const ENTRY = PREFIX + 4;
const BLOCK = 4096;

/**
 * What the value of `FILE_SIZES` is for a tree.
 * @param sizes in bytes, by the checksum of the file object
 */
export function encodeFileSizes(sizes: ReadonlyMap<string, number>): Uint8Array {
  const bytes = Buffer.alloc(sizes.size * ENTRY);
  [...sizes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .forEach(([checksum, size], at) => {
      bytes.write(checksum.slice(0, 2 * PREFIX), at * ENTRY, 'hex');
      bytes.writeUInt32BE(Math.floor(size / BLOCK) + 1, at * ENTRY + PREFIX);
    });
  return bytes;
}

/**
 * How many bytes the files of a commit take that a repository does not have.
 * @param value of `FILE_SIZES` in the commit's metadata
 * @returns undefined where the commit does not say
 */
export function bytesToFetch(repo: string, value: unknown): number | undefined {
  if (!(value instanceof Uint8Array) || value.length % ENTRY !== 0) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  const there = prefixes(repo);
  let blocks = 0;
  for (let at = 0; at < bytes.length; at += ENTRY) {
    if (!there.has(bytes.toString('hex', at, at + PREFIX))) blocks += bytes.readUInt32BE(at + PREFIX);
  }
  return blocks * BLOCK;
}

function prefixes(repo: string): Set<string> {
  const objects = join(repo, 'objects');
  return new Set(
    readdirSync(objects).flatMap((start) =>
      readdirSync(join(objects, start)).flatMap((name) =>
        name.endsWith('.file') ? [`${start}${name.slice(0, 2 * PREFIX - start.length)}`] : [],
      ),
    ),
  );
}
