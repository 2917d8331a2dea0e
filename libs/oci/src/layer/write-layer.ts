import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { explain } from '@apt-ostree/errors';
import { type Compression, compressor } from './compression.ts';

export interface WrittenLayer {
  /** Digest of the uncompressed tar. */
  diffId: string;
  /** Digest and bytes of the file. */
  digest: string;
  size: number;
  uncompressedSize: number;
}

/** Headers are small, and so are most files: what goes to the compressor is not. */
const BATCH = 128 * 1024;

/** Writes a layer's tar, compressed, to a file. */
export async function writeLayer(
  tar: AsyncIterable<Uint8Array>,
  compression: Compression,
  file: string,
): Promise<WrittenLayer> {
  const { stream, ended } = compressor(compression);
  const inside = tally();
  const outside = tally();
  const source = Readable.from(inside.through(batches(tar)), { objectMode: false });
  try {
    await pipeline(source, stream, outside.through, createWriteStream(file, { flags: 'wx' }));
  } catch (error) {
    throw explain(error, `cannot write the layer '${file}'`);
  }
  await ended;
  const [uncompressed, compressed] = [inside.end(), outside.end()];
  return { diffId: uncompressed.digest, uncompressedSize: uncompressed.size, ...compressed };
}

/** Hashes and counts what passes. */
function tally() {
  const hash = createHash('sha256');
  let size = 0;
  return {
    async *through(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    end: () => ({ digest: `sha256:${hash.digest('hex')}`, size }),
  };
}

/** A chunk is copied before the next is asked for: whoever makes them may use its memory again. */
async function* batches(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let batch = Buffer.allocUnsafeSlow(BATCH);
  let length = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + BATCH - length);
      batch.set(part, length);
      [at, length] = [at + part.length, length + part.length];
      if (length < BATCH) continue;
      yield batch;
      [batch, length] = [Buffer.allocUnsafeSlow(BATCH), 0];
    }
  }
  if (length > 0) yield batch.subarray(0, length);
}
