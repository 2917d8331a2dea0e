import { BLOCK, decodeName, decodeTarHeader, TarError, type TarHeader } from './header.ts';

export interface TarHandler {
  /** A member begins. */
  entry(header: TarHeader): void;
  /** Bytes of the content of the member that began last; a view that stays valid. */
  data(chunk: Buffer): void;
  /** All bytes of the member are there. */
  done(): void;
}

/** Names beyond this are no names; Linux's own limit for a path is 4096. */
const MAX_NAME = 64 * 1024;

/**
 * Takes a tar archive apart as its bytes are pushed in. Everything is synchronous: a package has hundreds of small
 * members, and a stream object for each costs more than the work on it.
 * @throws TarError from push and end
 */
export class TarParser {
  readonly #handler: TarHandler;
  readonly #block = Buffer.alloc(BLOCK);
  #filled = 0;
  /** Content bytes still to come, then padding still to come. */
  #left = 0;
  #padding = 0;
  #collecting: 'longname' | 'longlink' | undefined;
  #long: Buffer[] = [];
  #next: { path?: string; link?: string } = {};
  #inMember = false;
  #ended = false;

  constructor(handler: TarHandler) {
    this.#handler = handler;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#ended) {
      if (this.#left > 0) at = this.#content(chunk, at);
      else if (this.#padding > 0) {
        const skip = Math.min(this.#padding, chunk.length - at);
        this.#padding -= skip;
        at += skip;
      } else at = this.#header(chunk, at);
    }
  }

  /** To be called when there are no more bytes. */
  end(): void {
    if (this.#left > 0 || this.#padding > 0 || this.#filled > 0 || this.#collecting !== undefined)
      throw new TarError('a tar archive is cut short');
    if (!this.#ended) throw new TarError('a tar archive is cut short: its end is not marked');
  }

  #content(chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + this.#left);
    this.#left -= part.length;
    if (this.#collecting) this.#long.push(part);
    else this.#handler.data(part);
    if (this.#left === 0) this.#finish();
    return at + part.length;
  }

  #header(chunk: Buffer, at: number): number {
    if (this.#filled === 0 && chunk.length - at >= BLOCK) {
      this.#begin(chunk.subarray(at, at + BLOCK));
      return at + BLOCK;
    }
    const copied = chunk.copy(this.#block, this.#filled, at, at + BLOCK - this.#filled);
    this.#filled += copied;
    if (this.#filled === BLOCK) {
      this.#filled = 0;
      this.#begin(this.#block);
    }
    return at + copied;
  }

  #begin(block: Buffer): void {
    const header = decodeTarHeader(block);
    if (header === undefined) {
      this.#ended = true; // one block of zeros is enough for dpkg too
      return;
    }
    if (header.type === 'longname' || header.type === 'longlink') this.#beginLong(header);
    else this.#beginMember(header);
    this.#padding = -this.#left & (BLOCK - 1);
    if (this.#left === 0) this.#finish();
  }

  #beginLong({ type, size }: TarHeader): void {
    if (size === 0 || size > MAX_NAME) throw new TarError('a tar archive has a long name of an impossible length');
    this.#collecting = type as 'longname' | 'longlink';
    this.#left = size;
  }

  #beginMember(header: TarHeader): void {
    const { path = header.path, link = header.link } = this.#next;
    this.#next = {};
    this.#inMember = true;
    // links may say the size of what they link to, but have no content
    this.#left = header.type === 'file' ? header.size : 0;
    this.#handler.entry({ ...header, path, link, size: this.#left });
  }

  #finish(): void {
    if (this.#collecting) {
      const name = decodeName(Buffer.concat(this.#long));
      this.#next[this.#collecting === 'longname' ? 'path' : 'link'] = name;
      this.#collecting = undefined;
      this.#long = [];
    } else if (this.#inMember) {
      this.#inMember = false;
      this.#handler.done();
    }
  }
}
