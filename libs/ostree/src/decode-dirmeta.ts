import type { Metadata } from './objects.ts';
import { readGvariant } from './read-gvariant.ts';

/** Owner, group and mode, of four bytes each. */
const NUMBERS = 12;

/**
 * Reads a dirmeta object, `(uuua(ayay))`: the reverse of encodeDirmeta.
 * @throws AotError `data` when it is none
 */
export function decodeDirmeta(object: Uint8Array): Metadata {
  const [numbers, rest] = [Buffer.from(object.subarray(0, NUMBERS)), object.subarray(NUMBERS)];
  const pairs = readGvariant('a(ayay)', rest) as [Uint8Array, Uint8Array][];
  const [uid, gid, mode] = [0, 4, 8].map((at) => numbers.readUInt32BE(at)) as [number, number, number];
  if (pairs.length === 0) return { uid, gid, mode };
  return { uid, gid, mode, xattrs: pairs.map(([name, value]) => ({ name: withoutZero(name), value })) };
}

const withoutZero = (name: Uint8Array): string => Buffer.from(name.subarray(0, -1)).toString();
