import { createHash, type Hash } from 'node:crypto';
import type { TarHeader } from '../tar/header.ts';
import type { TarHandler } from '../tar/parser.ts';
import { memberPath } from './member-path.ts';

/**
 * Makes the md5sums of a package that ships none, as dpkg does when it unpacks one (write_filehash_except in its unpack.c):
 * every file and hard link in the order of data.tar, conffiles among them. Without, `dpkg --audit` complains.
 */
export class Checksums implements TarHandler {
  readonly #next: TarHandler;
  readonly #sums = new Map<string, string>();
  #open: { path: string; hash: Hash } | undefined;

  /** @param next gets every member too, and may refuse it */
  constructor(next: TarHandler) {
    this.#next = next;
  }

  get text(): string {
    return [...this.#sums].map(([path, sum]) => `${sum}  ${path}\n`).join('');
  }

  entry(header: TarHeader): void {
    this.#next.entry(header);
    const path = memberPath(header.path);
    if (header.type === 'file') this.#open = { path, hash: createHash('md5') };
    if (header.type === 'hardlink') this.#sums.set(path, this.#sums.get(memberPath(header.link)) as string);
  }

  data(chunk: Buffer): void {
    this.#open?.hash.update(chunk);
    this.#next.data(chunk);
  }

  done(): void {
    if (this.#open) this.#sums.set(this.#open.path, this.#open.hash.digest('hex'));
    this.#open = undefined;
    this.#next.done();
  }
}
