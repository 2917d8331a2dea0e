import { type TarHandler, TarParser } from '../tar/parser.ts';
import { type Compression, decompress } from './decompress.ts';
import type { DebHandlers, DebLimits } from './read-deb.ts';
import { xzSize } from './xz-size.ts';

/** A tar archive as it stands in the .deb. */
export interface Packed<Bytes = Buffer> {
  compression: Compression;
  bytes: Bytes;
}

/**
 * Decompresses and reads the two archives of a .deb. Where both are xz's, as in all of Debian, one process does both:
 * starting one costs more than most control archives.
 */
export async function readArchives(
  control: Packed,
  data: Packed<AsyncIterable<Uint8Array>>,
  handlers: DebHandlers,
  limits: DebLimits,
): Promise<void> {
  const both = new TarPair(handlers, limits);
  const size = control.compression === '.xz' && data.compression === '.xz' ? xzSize(control.bytes) : undefined;
  if (size === undefined) {
    await decompress(control.compression, chain(control.bytes), (chunk) => both.control(chunk));
    await decompress(data.compression, data.bytes, (chunk) => both.data(chunk));
  } else {
    let left = size;
    await decompress('.xz', chain(control.bytes, data.bytes), (chunk) => {
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length > 0) both.control(part);
      if (part.length < chunk.length) both.data(chunk.subarray(part.length));
    });
  }
  both.end();
}

async function* chain(first: Uint8Array, then: AsyncIterable<Uint8Array> | readonly Uint8Array[] = []) {
  yield first;
  yield* then;
}

/** control.tar and then data.tar: the first must be whole before the second begins. */
class TarPair {
  readonly #handlers: DebHandlers;
  readonly #limits: DebLimits;
  readonly #control: BoundedTar;
  #data: BoundedTar | undefined;

  constructor(handlers: DebHandlers, limits: DebLimits) {
    this.#handlers = handlers;
    this.#limits = limits;
    this.#control = new BoundedTar('control.tar', handlers.control, limits.control);
  }

  control(chunk: Buffer): void {
    this.#control.push(chunk);
  }

  data(chunk: Buffer): void {
    this.#begin().push(chunk);
  }

  end(): void {
    this.#begin().end();
  }

  #begin(): BoundedTar {
    if (this.#data) return this.#data;
    this.#control.end();
    this.#data = new BoundedTar('data.tar', this.#handlers.data(), this.#limits.data);
    return this.#data;
  }
}

/** A tar archive that may not be larger than it has reason to be. */
class BoundedTar {
  readonly #name: string;
  readonly #parser: TarParser;
  readonly #limit: number;
  #total = 0;

  constructor(name: string, handler: TarHandler, limit: number) {
    this.#name = name;
    this.#parser = new TarParser(handler);
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.#total += chunk.length;
    if (this.#total > this.#limit)
      throw new Error(`its '${this.#name}' is larger than ${this.#limit} bytes when decompressed`);
    this.#parser.push(chunk);
  }

  end(): void {
    this.#parser.end();
  }
}
