/** Takes a stream of chunks apart at byte positions, without copying more than what spans two chunks. */
export class ByteSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** The next bytes, at least one and at most `limit`; undefined at the end of the stream. */
  async some(limit: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.length === 0) {
      const { value, done } = await this.#iterator.next();
      if (done) return undefined;
      this.#chunk = value;
    }
    const part = this.#chunk.subarray(0, limit);
    this.#chunk = this.#chunk.subarray(part.length);
    return part;
  }

  /** The next `count` bytes, or fewer where the stream ends. */
  async upTo(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === undefined) break;
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /** Tells the producer that no more is wanted. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
