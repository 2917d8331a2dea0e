import { decodeName, TarError } from './header.ts';

/** What a pax extended header says of the member behind it (pax(1), "pax Extended Header"). */
export interface PaxValues {
  path?: string;
  link?: string;
  uid?: number;
  gid?: number;
  size?: number;
  /** Extended attributes, as all tars write them: SCHILY.xattr.NAME. */
  xattrs?: Map<string, Buffer>;
}

const XATTR = 'SCHILY.xattr.';

/**
 * Reads the records of a pax extended header: LENGTH KEY=VALUE, each with a line break at its end.
 * @throws TarError
 */
export function decodePax(bytes: Buffer): PaxValues {
  const values: PaxValues = {};
  for (let at = 0; at < bytes.length; ) {
    const record = recordAt(bytes, at);
    take(values, record.key, record.value);
    at = record.end;
  }
  return values;
}

function recordAt(bytes: Buffer, at: number): { key: string; value: Buffer; end: number } {
  const space = bytes.indexOf(32, at);
  const digits = bytes.toString('latin1', at, space < 0 ? at : space);
  const end = at + Number(digits);
  if (!/^[1-9]\d{0,9}$/.test(digits) || end > bytes.length || bytes[end - 1] !== 10) throw damaged();
  const equals = bytes.indexOf(61, space);
  if (equals < 0 || equals >= end) throw damaged();
  const key = bytes.toString('utf8', space + 1, equals);
  return { key, value: bytes.subarray(equals + 1, end - 1), end };
}

function take(values: PaxValues, key: string, value: Buffer): void {
  if (key.startsWith(XATTR)) {
    values.xattrs ??= new Map();
    values.xattrs.set(key.slice(XATTR.length), Buffer.from(value));
  } else if (key.startsWith('GNU.sparse.')) throw new TarError('a tar archive has a sparse file');
  else if (key === 'path') values.path = name(value);
  else if (key === 'linkpath') values.link = name(value);
  else if (key === 'uid' || key === 'gid' || key === 'size') values[key] = number(key, value);
}

function name(value: Buffer): string {
  if (value.includes(0)) throw new TarError('a file name in a pax header has a zero byte');
  return decodeName(value);
}

function number(key: string, value: Buffer): number {
  const digits = value.toString('latin1');
  const known = Number(digits);
  if (!/^\d{1,16}$/.test(digits) || !Number.isSafeInteger(known))
    throw new TarError(`the ${key} of a pax header is not a number`);
  return known;
}

const damaged = () => new TarError('a pax header is damaged');
