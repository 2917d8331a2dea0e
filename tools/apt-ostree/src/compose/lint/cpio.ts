const HEADER = 110;
const TRAILER = 'TRAILER!!!';
/** Larger content is not collected. */
const MOST = 1024 * 1024;

/**
 * Reads a cpio archive of the form "newc" (kernel documentation, "initramfs buffer format") as it comes: the names of all
 * members, and the content of those that are wanted.
 */
export class CpioReader {
  readonly names = new Set<string>();
  readonly contents = new Map<string, Buffer>();
  readonly #wanted: ReadonlySet<string>;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of content that are to be passed over. */
  #skip = 0;
  /** The archive's last member was read; what follows is padding, or another archive. */
  ended = false;

  constructor(wanted: readonly string[]) {
    this.#wanted = new Set(wanted);
  }

  /** Takes bytes. @returns those behind the end of the archive; undefined before it ends */
  push(chunk: Uint8Array): Buffer | undefined {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    while (!this.ended && this.#step());
    return this.ended ? this.#rest : undefined;
  }

  #step(): boolean {
    if (this.#skip > 0) {
      const taken = Math.min(this.#skip, this.#rest.length);
      this.#take(taken);
      this.#skip -= taken;
      return this.#skip === 0;
    }
    if (this.#rest.length < HEADER) return false;
    const { nameSize, size } = this.#header();
    const start = aligned(HEADER + nameSize);
    if (this.#rest.length < start) return false;
    const name = this.#rest.toString('utf8', HEADER, HEADER + nameSize - 1).replace(/^(?:\.?\/)+/, '');
    const keep = this.#wanted.has(name) && size <= MOST;
    if (keep && this.#rest.length < start + size) return false;
    if (keep) this.contents.set(name, Buffer.from(this.#rest.subarray(start, start + size)));
    if (name === TRAILER) this.ended = true;
    else this.names.add(name);
    this.#take(start);
    this.#skip = aligned(size);
    return true;
  }

  #header(): { nameSize: number; size: number } {
    const text = this.#rest.toString('latin1', 0, HEADER);
    if (!/^07070[12][0-9a-fA-F]{104}$/.test(text)) throw new Error('it is no cpio archive');
    const field = (index: number) => Number.parseInt(text.slice(6 + 8 * index, 14 + 8 * index), 16);
    const [size, nameSize] = [field(6), field(11)];
    if (nameSize < 1 || nameSize > 4096) throw new Error('a name in the cpio archive is too long');
    return { nameSize, size };
  }

  #take(count: number): void {
    this.#rest = this.#rest.subarray(count);
  }
}

const aligned = (count: number): number => (count + 3) & ~3;
