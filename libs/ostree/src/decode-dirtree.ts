import type { DirtreeContent } from './objects.ts';

/**
 * Reads a dirtree object, `(a(say)a(sayay))`: the reverse of encodeDirtree. The bytes must be those of a valid object, as
 * their checksum shows.
 */
export function decodeDirtree(object: Uint8Array): DirtreeContent {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.length);
  const [files, dirs] = members(bytes, 2) as [Buffer, Buffer];
  const hex = (checksum: Buffer | undefined): string => checksum?.toString('hex') ?? '';
  return {
    files: new Map(
      elements(files)
        .map((e) => members(e, 2))
        .map(([name, file]) => [text(name), hex(file)]),
    ),
    dirs: new Map(
      elements(dirs)
        .map((e) => members(e, 3))
        .map(([name, tree, meta]) => [text(name), { tree: hex(tree), meta: hex(meta) }]),
    ),
  };
}

const text = (string: Buffer | undefined): string => string?.subarray(0, -1).toString('utf8') ?? '';

/** Of a tuple: the ends of all members but the last stand at its end, in reverse order. */
function members(tuple: Buffer, count: number): Buffer[] {
  const size = offsetSize(tuple.length);
  const end = (i: number) =>
    i === count - 1 ? tuple.length - size * (count - 1) : tuple.readUIntLE(tuple.length - size * (i + 1), size);
  return Array.from({ length: count }, (_, i) => tuple.subarray(i === 0 ? 0 : end(i - 1), end(i)));
}

/** Of an array: the end of each element stands at its end, in order; the last one is where they begin. */
function elements(array: Buffer): Buffer[] {
  if (array.length === 0) return [];
  const size = offsetSize(array.length);
  const table = array.readUIntLE(array.length - size, size);
  const end = (i: number) => array.readUIntLE(table + i * size, size);
  const count = (array.length - table) / size;
  return Array.from({ length: count }, (_, i) => array.subarray(i === 0 ? 0 : end(i - 1), end(i)));
}

const offsetSize = (length: number): number => (length < 2 ** 8 ? 1 : length < 2 ** 16 ? 2 : 4);
