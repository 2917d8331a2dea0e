import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';

/** A package on its way: a temporary file that is hashed while it grows. */
export class Part {
  readonly path: string;
  #fd: number;
  #hash = createHash('sha256');
  #bytes = 0;
  /** ETag or Last-Modified of what is here, so that a server can tell whether it still has the same. */
  validator: string | undefined;

  /** Opens the file; what an earlier run left in it counts. */
  constructor(path: string) {
    this.path = path;
    this.#fd = this.#guard(() => openSync(path, 'a+', 0o644));
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let n = readSync(this.#fd, buffer, 0, buffer.length, 0); n > 0; ) {
      this.#hash.update(buffer.subarray(0, n));
      this.#bytes += n;
      n = readSync(this.#fd, buffer, 0, buffer.length, this.#bytes);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(chunk: Uint8Array): void {
    this.#guard(() => {
      for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at);
    });
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** Starts from nothing. */
  reset(): void {
    this.#guard(() => ftruncateSync(this.#fd));
    this.#hash = createHash('sha256');
    this.#bytes = 0;
    this.validator = undefined;
  }

  /** SHA-256 of what is here. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const reason = explain(error, `cannot write '${this.path}'`);
      throw reason instanceof AotError ? reason : new AotError('io', `cannot write '${this.path}'`, { cause: error });
    }
  }
}
