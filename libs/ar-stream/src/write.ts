import { ArError } from './error.ts';
import { type ArHeader, encodeHeader, MAGIC } from './header.ts';

/** A member to write; what is left out is 0, or 0100644 for the mode, as dpkg-deb has it. */
export interface ArEntry extends Partial<Omit<ArHeader, 'name'>> {
  /** At most 16 characters of printable ASCII, without slashes and spaces. */
  name: string;
  /** Bytes, or a stream of them; a stream needs `size`. */
  data: Uint8Array | AsyncIterable<Uint8Array>;
}

const PADDING = new Uint8Array([0x0a]);

/**
 * Writes an archive as a stream of chunks.
 * @throws ArError `bad-name` or `bad-number` for what fits no header, `wrong-size` when a stream is not as long as its
 *   entry said, or said nothing
 */
export async function* writeAr(entries: Iterable<ArEntry> | AsyncIterable<ArEntry>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(MAGIC, 'latin1');
  for await (const entry of entries) {
    const size = sizeOf(entry);
    const { name, mtime = 0, uid = 0, gid = 0, mode = 0o100644 } = entry;
    yield encodeHeader({ name, mtime, uid, gid, mode, size });
    yield* body(entry, size);
    if (size % 2 === 1) yield PADDING;
  }
}

function sizeOf({ name, data, size }: ArEntry): number {
  const known = data instanceof Uint8Array ? data.length : size;
  if (known === undefined) throw new ArError('wrong-size', `member '${name}' is a stream of unknown size`);
  return known;
}

async function* body({ name, data, size: said }: ArEntry, size: number): AsyncGenerator<Uint8Array> {
  let written = 0;
  for await (const chunk of data instanceof Uint8Array ? [data] : data) {
    written += chunk.length;
    if (written > size) break;
    yield chunk;
  }
  if (written !== size || (said !== undefined && said !== size))
    throw new ArError('wrong-size', `member '${name}' is not of the size that was said`);
}
