/**
 * Writing of GVariant's serialised form, as far as OSTree's objects need it: fixed-size numbers, strings, byte strings,
 * arrays and tuples. Rules: the GVariant specification, sections 2.4 and 2.5 (alignment and framing offsets).
 */
export interface Value {
  bytes: Uint8Array;
  /** 1, 4 or 8. */
  align: number;
  /** Fixed-size values need no framing offset. */
  fixed: boolean;
}

/** `u`, in big-endian order, as OSTree stores all its numbers. */
export function u32(value: number): Value {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return { bytes, align: 4, fixed: true };
}

/** `t`, in big-endian order. */
export function u64(value: number): Value {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return { bytes, align: 8, fixed: true };
}

/** `s`: UTF-8 with a terminating zero. */
export const string = (text: string): Value => ({ bytes: Buffer.from(`${text}\0`), align: 1, fixed: false });

/** `ay`. */
export const bytes = (data: Uint8Array): Value => ({ bytes: data, align: 1, fixed: false });

/** An array of values that are not of fixed size. `align` is that of the elements, for the empty array. */
export function array(elements: readonly Value[], align = 1): Value {
  const { parts, ends, length } = layOut(elements);
  return { bytes: frame(parts, ends, length), align: Math.max(align, ...elements.map((e) => e.align)), fixed: false };
}

/** A tuple with at least one member that is not of fixed size. */
export function tuple(members: readonly Value[]): Value {
  const { parts, ends, length } = layOut(members);
  const offsets = ends.filter((_, i) => !members[i]?.fixed && i < members.length - 1).reverse();
  return { bytes: frame(parts, offsets, length), align: Math.max(...members.map((m) => m.align)), fixed: false };
}

/** Puts values one after the other, each at a multiple of its alignment. */
function layOut(values: readonly Value[]) {
  const parts: Uint8Array[] = [];
  const ends: number[] = [];
  let length = 0;
  for (const value of values) {
    const gap = -length & (value.align - 1);
    if (gap > 0) parts.push(new Uint8Array(gap));
    parts.push(value.bytes);
    length += gap + value.bytes.length;
    ends.push(length);
  }
  return { parts, ends, length };
}

/** Appends the framing offsets, little-endian, in the smallest size that can express the container's whole length. */
function frame(parts: Uint8Array[], offsets: readonly number[], length: number): Uint8Array {
  if (offsets.length === 0) return Buffer.concat(parts, length);
  const size = ([1, 2, 4] as const).find((s) => length + offsets.length * s < 2 ** (8 * s)) as number;
  const tail = Buffer.alloc(offsets.length * size);
  for (const [i, offset] of offsets.entries()) tail.writeUIntLE(offset, i * size, size);
  return Buffer.concat([...parts, tail]);
}
