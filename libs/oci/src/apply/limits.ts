/** What an image may ask of whoever unpacks it. Real ones stay far below; the rest is made to hurt. */
export const LIMITS = {
  layers: 500,
  /** Members of all layers together. */
  entries: 1_000_000,
  /** A layer may unpack to this many times its compressed size, and so many bytes more. */
  ratio: 100,
  slack: 64 * 1024 * 1024,
  /** Of one extended attribute (xattr(7)), and of all of a member. */
  xattr: 64 * 1024,
  xattrs: 256 * 1024,
} as const;

/** Counts what all layers of an image have, against the limits. */
export class Allowance {
  #entries: number = LIMITS.entries;

  takeEntries(count: number): void {
    this.#entries -= count;
    if (this.#entries < 0) throw new Error(`the image has more than ${LIMITS.entries} entries`);
  }
}
