import * as gvariant from './gvariant.ts';
import type { CommitMetadata, Variant } from './variant.ts';

type Value = gvariant.Value;

/** A variant's value in GVariant's serialised form; numbers in big-endian order, as `ostree show` expects them. */
function encode(v: Variant): Value {
  switch (v.type) {
    case 's':
      return gvariant.string(v.value);
    case 'b':
      return { bytes: Uint8Array.of(v.value ? 1 : 0), align: 1, fixed: true };
    case 'x':
    case 't':
      return { ...gvariant.u64(0), bytes: int64(v.value) };
    case 'u':
      return gvariant.u32(v.value);
    case 'd':
      return { ...gvariant.u64(0), bytes: double(v.value) };
    case 'ay':
      return gvariant.bytes(v.value);
    case 'as':
      return gvariant.array(v.value.map(gvariant.string));
    case 'a(sssss)':
      return gvariant.array(v.value.map((row) => gvariant.tuple(row.map(gvariant.string))));
    case 'av':
      return gvariant.array(v.value.map(boxed), 8);
    case 'a{sv}':
      return dictionary(v.value);
    case 'aa{sv}':
      return gvariant.array(v.value.map(dictionary), 8);
  }
}

/** `v`: the value, a zero byte, its type. */
const boxed = (v: Variant): Value => ({
  bytes: Buffer.concat([encode(v).bytes, Buffer.from(`\0${v.type}`)]),
  align: 8,
  fixed: false,
});

/** `a{sv}`, in the order of the keys given. */
export const dictionary = (metadata: CommitMetadata): Value =>
  gvariant.array(
    Object.entries(metadata).map(([key, value]) => gvariant.tuple([gvariant.string(key), boxed(value)])),
    8,
  );

function int64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

export interface CommitObject {
  metadata: CommitMetadata;
  parent: string | undefined;
  /** Seconds since the epoch. */
  timestamp: number;
  /** The root's dirtree and dirmeta. */
  root: { tree: string; meta: string };
}

/** A commit object, `(a{sv}aya(say)sstayay)`; no subject and no body. */
export const encodeCommitObject = (c: CommitObject): Uint8Array =>
  gvariant.tuple([
    dictionary(c.metadata),
    gvariant.bytes(Buffer.from(c.parent ?? '', 'hex')),
    gvariant.array([]),
    gvariant.string(''),
    gvariant.string(''),
    gvariant.u64(c.timestamp),
    gvariant.bytes(Buffer.from(c.root.tree, 'hex')),
    gvariant.bytes(Buffer.from(c.root.meta, 'hex')),
  ]).bytes;
