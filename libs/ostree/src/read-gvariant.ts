import { AotError } from '@apt-ostree/errors';

/** What a GVariant becomes: `ay` bytes, dictionaries with string keys objects, numbers that are not exact bigints. */
export type Read = unknown;

interface Type {
  /** The letter of a basic type, or `a`, `m`, `(`, `{`. */
  kind: string;
  align: number;
  /** Undefined where values differ in size. */
  size: number | undefined;
  members: Type[];
}

/** Bytes of a variant in a dictionary from which on it is read only when it is asked for. */
const LARGE = 4096;

const FIXED: Record<string, number> = { b: 1, y: 1, n: 2, q: 2, i: 4, u: 4, h: 4, x: 8, t: 8, d: 8 };

/**
 * Reads GVariant's serialised form with little-endian numbers, as all machines of today write them; OSTree's own fields
 * are big-endian, see `bigEndian`. Rules: the GVariant specification, section 2.4 and 2.5.
 * @param type a complete type, as in `a{sv}`
 * Large values of a dictionary with string keys are read, and judged, when they are asked for.
 * @throws AotError `data` when the bytes are no value of it
 */
export function readGvariant(type: string, bytes: Uint8Array): Read {
  return readValue(parseType(type), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** A number of 8 bytes as OSTree stores its own. */
export const bigEndian = (value: Read): number => Number(swap(BigInt(value as number | bigint)));

function swap(value: bigint): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE();
}

const types = new Map<string, Type>();

function parseType(text: string): Type {
  const known = types.get(text);
  if (known) return known;
  const [type, end] = typeAt(text, 0);
  if (end !== text.length) throw notType(text);
  if (types.size < 256) types.set(text, type);
  return type;
}

function typeAt(text: string, at: number): [Type, number] {
  const kind = text[at] ?? '';
  if (FIXED[kind]) return [{ kind, align: FIXED[kind], size: FIXED[kind], members: [] }, at + 1];
  if (kind !== '' && 'sog'.includes(kind)) return [{ kind, align: 1, size: undefined, members: [] }, at + 1];
  if (kind === 'v') return [{ kind, align: 8, size: undefined, members: [] }, at + 1];
  if (kind === 'a' || kind === 'm') {
    const [element, end] = typeAt(text, at + 1);
    return [{ kind, align: element.align, size: undefined, members: [element] }, end];
  }
  if (kind === '(' || kind === '{') return tupleAt(text, at, kind);
  throw notType(text);
}

function tupleAt(text: string, at: number, kind: '(' | '{'): [Type, number] {
  const members: Type[] = [];
  let end = at + 1;
  while (text[end] !== (kind === '(' ? ')' : '}')) {
    const [member, next] = typeAt(text, end);
    members.push(member);
    end = next;
  }
  if (kind === '{' && members.length !== 2) throw notType(text);
  const align = Math.max(1, ...members.map((m) => m.align));
  return [{ kind, align, size: fixedSize(members, align), members }, end + 1];
}

function fixedSize(members: readonly Type[], align: number): number | undefined {
  let size = 0;
  for (const member of members) {
    if (member.size === undefined) return undefined;
    size = aligned(size, member.align) + member.size;
  }
  return Math.max(1, aligned(size, align));
}

const aligned = (at: number, align: number): number => at + (-at & (align - 1));

function readValue(type: Type, data: Buffer): Read {
  if (type.size !== undefined && data.length !== type.size) throw damaged();
  switch (type.kind) {
    case 's':
    case 'o':
    case 'g':
      return text(data);
    case 'v':
      return variant(data);
    case 'a':
      return array(type.members[0] as Type, data);
    case 'm':
      return maybe(type.members[0] as Type, data);
    case '(':
    case '{':
      return tuple(type, data);
    default:
      return number(type.kind, data);
  }
}

function number(kind: string, data: Buffer): Read {
  switch (kind) {
    case 'b':
      return data[0] !== 0;
    case 'y':
      return data[0];
    case 'n':
      return data.readInt16LE();
    case 'q':
      return data.readUInt16LE();
    case 'i':
    case 'h':
      return data.readInt32LE();
    case 'u':
      return data.readUInt32LE();
    case 'd':
      return data.readDoubleLE();
    default:
      return exact(kind === 'x' ? data.readBigInt64LE() : data.readBigUInt64LE());
  }
}

const exact = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

function text(data: Buffer): string {
  if (data.at(-1) !== 0) throw damaged();
  return data.toString('utf8', 0, data.length - 1);
}

function variant(data: Buffer): Read {
  const at = data.lastIndexOf(0);
  if (at < 0) throw damaged();
  return readValue(parseType(data.toString('latin1', at + 1)), data.subarray(0, at));
}

function maybe(element: Type, data: Buffer): Read {
  if (data.length === 0) return null;
  return readValue(element, element.size === undefined ? data.subarray(0, -1) : data);
}

function array(element: Type, data: Buffer): Read {
  if (element.kind === 'y') return new Uint8Array(data);
  const values = element.size === undefined ? varied(element, data) : even(element, element.size, data);
  const isDictionary = element.kind === '{' && (element.members[0] as Type).kind === 's';
  return isDictionary ? dictionary(values as [string, Read][]) : values;
}

/** A large value that is read when somebody asks for it: the list of a commit's packages costs more than all else in it. */
class Later {
  readonly read: () => Read;
  constructor(read: () => Read) {
    this.read = read;
  }
}

function dictionary(entries: readonly [string, Read][]): Record<string, Read> {
  const object = Object.fromEntries(entries);
  for (const [key, value] of entries) if (value instanceof Later) readOnDemand(object, key, value);
  return object;
}

function readOnDemand(object: Record<string, Read>, key: string, later: Later): void {
  const describe = { configurable: true, enumerable: true };
  const get = () => {
    const value = later.read();
    Object.defineProperty(object, key, { ...describe, value, writable: true });
    return value;
  };
  Object.defineProperty(object, key, { ...describe, get });
}

function even(element: Type, size: number, data: Buffer): Read[] {
  if (data.length % size !== 0) throw damaged();
  return Array.from({ length: data.length / size }, (_, i) =>
    readValue(element, data.subarray(i * size, (i + 1) * size)),
  );
}

/** The end of each element stands behind the last one, in order. */
function varied(element: Type, data: Buffer): Read[] {
  if (data.length === 0) return [];
  const width = offsetWidth(data.length);
  const table = offsetAt(data, data.length - width, width);
  if (table > data.length - width || (data.length - table) % width !== 0) throw damaged();
  const values: Read[] = [];
  let start = 0;
  for (let at = table; at < data.length; at += width) {
    const end = offsetAt(data, at, width);
    values.push(readValue(element, slice(data, aligned(start, element.align), end)));
    start = end;
  }
  return values;
}

/** The ends of members of varying size, but for the last one, stand at the end in reverse order. */
function tuple(type: Type, data: Buffer): Read[] {
  const isEntry = type.kind === '{' && (type.members[0] as Type).kind === 's';
  const width = offsetWidth(data.length);
  let table = data.length;
  let start = 0;
  return type.members.map((member, i) => {
    const from = aligned(start, member.align);
    if (member.size !== undefined) start = from + member.size;
    else if (i === type.members.length - 1) start = table;
    else {
      table -= width;
      start = offsetAt(data, table, width);
    }
    const part = slice(data, from, start);
    if (isEntry && member.kind === 'v' && part.length > LARGE) return new Later(() => readValue(member, part));
    return readValue(member, part);
  });
}

function slice(data: Buffer, from: number, to: number): Buffer {
  if (from > to || to > data.length) throw damaged();
  return data.subarray(from, to);
}

function offsetAt(data: Buffer, at: number, width: number): number {
  if (at < 0 || at + width > data.length) throw damaged();
  return data.readUIntLE(at, width);
}

const offsetWidth = (length: number): number => (length < 2 ** 8 ? 1 : length < 2 ** 16 ? 2 : 4);

const damaged = () => new AotError('data', 'cannot read a value: its bytes do not fit its type');
const notType = (type: string) => new AotError('data', `cannot read a value: '${type}' is no type`);
