import { BLOCK, decodeName, decodeTarHeader, TarError, type TarHeader } from './header.ts';
import { decodePax, type PaxValues } from './pax.ts';

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
/** Of a pax header: names, and what Linux allows of extended attributes many times over. */
const MAX_PAX = 1024 * 1024;

type Extension = 'longname' | 'longlink' | 'pax' | 'global';

const isExtension = (type: TarHeader['type']): type is Extension =>
  type === 'longname' || type === 'longlink' || type === 'pax' || type === 'global';

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
  readonly #pax: boolean;
  #collecting: Extension | undefined;
  #long: Buffer[] = [];
  #next: PaxValues = {};
  #inMember = false;
  #ended = false;

  /** @param pax whether headers of the pax format are read, and not refused as dpkg does */
  constructor(handler: TarHandler, pax = false) {
    this.#handler = handler;
    this.#pax = pax;
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
    const header = decodeTarHeader(block, this.#pax);
    if (header === undefined) {
      this.#ended = true; // one block of zeros is enough for dpkg too
      return;
    }
    if (isExtension(header.type)) this.#beginExtension(header.type, header.size);
    else this.#beginMember(header);
    this.#padding = -this.#left & (BLOCK - 1);
    if (this.#left === 0) this.#finish();
  }

  #beginExtension(type: Extension, size: number): void {
    const isPax = type === 'pax' || type === 'global';
    if (isPax ? size > MAX_PAX : size === 0 || size > MAX_NAME)
      throw new TarError(`a tar archive has a ${isPax ? 'pax header' : 'long name'} of an impossible length`);
    this.#collecting = type;
    this.#left = size;
  }

  #beginMember(header: TarHeader): void {
    const { size = header.size, ...said } = this.#next;
    this.#next = {};
    this.#inMember = true;
    // links may say the size of what they link to, but have no content
    this.#left = header.type === 'file' ? size : 0;
    this.#handler.entry({ ...header, ...said, size: this.#left });
  }

  #finish(): void {
    if (this.#collecting) {
      this.#extend(this.#collecting, Buffer.concat(this.#long));
      this.#collecting = undefined;
      this.#long = [];
    } else if (this.#inMember) {
      this.#inMember = false;
      this.#handler.done();
    }
  }

  /** A global header is of no member; what archivers write there is a comment. */
  #extend(type: Extension, bytes: Buffer): void {
    if (type === 'pax') Object.assign(this.#next, decodePax(bytes));
    else if (type === 'longname') this.#next.path = decodeName(bytes);
    else if (type === 'longlink') this.#next.link = decodeName(bytes);
  }
}
