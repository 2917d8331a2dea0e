import { createHash, type Hash } from 'node:crypto';
import { array, bytes, string, tuple, u32, u64, type Value } from './gvariant.ts';

/** An extended attribute. */
export type Xattr = readonly [name: string, value: Uint8Array];

/** What OSTree keeps of a file or directory besides its content. */
export interface Metadata {
  uid: number;
  gid: number;
  /** With the file type's bits, as in 0o100644. */
  mode: number;
  /** Extended attributes in any order; those of a package are none. */
  xattrs?: readonly Xattr[] | undefined;
}

export interface DirtreeContent {
  /** Checksums of file objects by name. */
  files: ReadonlyMap<string, string>;
  /** Checksums of dirtree and dirmeta by name. */
  dirs: ReadonlyMap<string, { tree: string; meta: string }>;
}

export interface CommitContent {
  subject: string;
  body?: string;
  /** Seconds since the epoch. */
  timestamp: number;
  tree: string;
  meta: string;
}

/** Hexadecimal SHA-256, the name of metadata objects. */
export const checksum = (object: Uint8Array): string => createHash('sha256').update(object).digest('hex');

/** `a(ayay)`, names with their terminating zero, in the given order: libostree sorts them by name. */
export const encodeXattrs = (xattrs: readonly Xattr[]): Value =>
  array(xattrs.map(([name, value]) => tuple([string(name), bytes(value)])));

const sorted = ({ xattrs = [] }: Metadata): Xattr[] => [...xattrs].sort(([a], [b]) => byteOrder(a, b));

const raw = (hex: string) => bytes(Buffer.from(hex, 'hex'));

/** Of UTF-8 strings, in byte order: what strcmp(3) says, and libostree demands of a dirtree. */
export function byteOrder(a: string, b: string): number {
  if (a === b) return 0;
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return a.length - b.length;
}

/** A dirmeta object, `(uuua(ayay))`: owner, group and mode of a directory. */
export const encodeDirmeta = (m: Metadata): Uint8Array =>
  tuple([u32(m.uid), u32(m.gid), u32(m.mode), encodeXattrs(sorted(m))]).bytes;

/** A dirtree object, `(a(say)a(sayay))`: the names of a directory, sorted by bytes. */
export function encodeDirtree(content: DirtreeContent): Uint8Array {
  const files = [...content.files].sort(([a], [b]) => byteOrder(a, b));
  const dirs = [...content.dirs].sort(([a], [b]) => byteOrder(a, b));
  return tuple([
    array(files.map(([name, object]) => tuple([string(name), raw(object)]))),
    array(dirs.map(([name, { tree, meta }]) => tuple([string(name), raw(tree), raw(meta)]))),
  ]).bytes;
}

/** A commit object without parent and metadata, `(a{sv}aya(say)sstayay)`. */
export function encodeCommit(c: CommitContent): Uint8Array {
  const noMetadata = array([], 8);
  const noParent = bytes(new Uint8Array(0));
  const noRelated = array([]);
  return tuple([
    noMetadata,
    noParent,
    noRelated,
    string(c.subject),
    string(c.body ?? ''),
    u64(c.timestamp),
    raw(c.tree),
    raw(c.meta),
  ]).bytes;
}

/**
 * Begins the checksum of a file object: the header `(uuuusa(ayay))` behind its length and padding. For a regular file its
 * content is to follow; a symbolic link is complete.
 * @param target of a symbolic link, empty otherwise
 */
export function fileHash(m: Metadata, target = ''): Hash {
  const attributes = encodeXattrs(sorted(m));
  const header = tuple([u32(m.uid), u32(m.gid), u32(m.mode), u32(0), string(target), attributes]).bytes;
  const length = Buffer.alloc(8);
  length.writeUInt32BE(header.length);
  return createHash('sha256').update(length).update(header);
}
