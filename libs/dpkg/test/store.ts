import { createHash } from 'node:crypto';
import type { ObjectStore } from '../src/index.ts';

/** Keeps contents in memory; an object's name is the digest of what it holds. */
export class MemoryStore implements ObjectStore {
  readonly contents = new Map<string, string>();

  content() {
    const chunks: Uint8Array[] = [];
    return {
      write: (chunk: Uint8Array) => chunks.push(Buffer.from(chunk)),
      finish: () => this.#keep(Buffer.concat(chunks).toString()),
      abort: () => {},
    };
  }

  symlink(_metadata: unknown, target: string): string {
    return this.#keep(`link ${target}`);
  }

  #keep(content: string): string {
    const name = createHash('sha256').update(content).digest('hex');
    this.contents.set(name, content);
    return name;
  }
}

/** Bytes in chunks of a size, as a file would be read. */
export async function* chunks(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
