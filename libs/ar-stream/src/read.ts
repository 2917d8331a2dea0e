import { ByteSource } from './byte-source.ts';
import { ArError } from './error.ts';
import { type ArHeader, decodeHeader, HEADER_SIZE, MAGIC } from './header.ts';

export interface ArMember extends ArHeader {
  /** The member's bytes, once, before the next member is asked for; what is not read is skipped. */
  data: AsyncIterable<Uint8Array>;
}

/**
 * Reads an archive member by member as its bytes arrive; no member is ever held whole. The archive must be complete:
 * the byte that pads a member of odd size has to be there and to be a newline, also after the last one.
 * @throws ArError for everything that is not an archive in the common format
 */
export async function* readAr(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArMember> {
  const bytes = new ByteSource(source);
  try {
    await checkMagic(bytes);
    for (;;) {
      const header = await nextHeader(bytes);
      if (header === undefined) return;
      const body = new Body(bytes, header);
      yield { ...header, data: body.chunks() };
      await body.finish();
    }
  } finally {
    await bytes.close();
  }
}

async function checkMagic(bytes: ByteSource): Promise<void> {
  const magic = await bytes.upTo(MAGIC.length);
  if (Buffer.from(magic).toString('latin1') !== MAGIC) throw new ArError('bad-magic', 'this is not an ar archive');
}

async function nextHeader(bytes: ByteSource): Promise<ArHeader | undefined> {
  const raw = await bytes.upTo(HEADER_SIZE);
  if (raw.length === 0) return undefined;
  if (raw.length < HEADER_SIZE) throw new ArError('truncated', 'the archive ends within a member header');
  return decodeHeader(raw);
}

/** The bytes of one member and its padding. */
class Body {
  readonly #bytes: ByteSource;
  readonly #header: ArHeader;
  #left: number;
  #over = false;

  constructor(bytes: ByteSource, header: ArHeader) {
    this.#bytes = bytes;
    this.#header = header;
    this.#left = header.size;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      if (this.#over) throw new ArError('stale-member', `member '${this.#header.name}' has been passed over`);
      yield await this.#next();
    }
  }

  /** Skips what nobody read, and the padding. */
  async finish(): Promise<void> {
    this.#over = true;
    while (this.#left > 0) await this.#next();
    if (this.#header.size % 2 === 0) return;
    const [pad] = await this.#bytes.upTo(1);
    if (pad === undefined) throw this.#truncated();
    if (pad !== 0x0a) throw new ArError('bad-padding', `member '${this.#header.name}' is not padded as it must be`);
  }

  async #next(): Promise<Uint8Array> {
    const chunk = await this.#bytes.some(this.#left);
    if (chunk === undefined) throw this.#truncated();
    this.#left -= chunk.length;
    return chunk;
  }

  #truncated(): ArError {
    return new ArError('truncated', `the archive ends within member '${this.#header.name}'`);
  }
}
