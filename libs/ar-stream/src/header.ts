import { ArError } from './error.ts';

/** What an archive begins with. */
export const MAGIC = '!<arch>\n';

/** Bytes of a member's header. */
export const HEADER_SIZE = 60;

/** Every header ends with it. */
const END = '`\n';

export interface ArHeader {
  /** Without padding and without the slash that GNU ar puts at its end. */
  name: string;
  /** Bytes of the member's data. */
  size: number;
  /** Seconds since the epoch. */
  mtime: number;
  uid: number;
  gid: number;
  /** With the file type's bits, as in 0o100644. */
  mode: number;
}

/**
 * Decodes the header of a member. Fields are padded with spaces on their right, as deb(5) and ar(5) have it. GNU's and
 * BSD's long names are refused: deb(5) knows only the common format, with a slash after the name allowed.
 * @param bytes exactly 60 bytes
 * @throws ArError `bad-header`, `bad-name` or `bad-number`
 */
export function decodeHeader(bytes: Uint8Array): ArHeader {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (text.length !== HEADER_SIZE || text.slice(58) !== END)
    throw new ArError('bad-header', 'a member header does not end as it must');
  return {
    name: decodeName(text.slice(0, 16)),
    mtime: decodeNumber('date', text.slice(16, 28), 10, true),
    uid: decodeNumber('owner', text.slice(28, 34), 10, true),
    gid: decodeNumber('group', text.slice(34, 40), 10, true),
    mode: decodeNumber('mode', text.slice(40, 48), 8, true),
    size: decodeNumber('size', text.slice(48, 58), 10, false),
  };
}

/**
 * Encodes the header of a member as dpkg writes it: without a slash after the name.
 * @throws ArError `bad-name` or `bad-number` for what does not fit the fields
 */
export function encodeHeader(header: ArHeader): Uint8Array {
  if (!/^[!-.0-~]{1,16}$/.test(header.name))
    throw new ArError('bad-name', `'${header.name}' cannot be the name of a member`);
  const text = [
    header.name.padEnd(16),
    encodeNumber('date', header.mtime, 12, 10),
    encodeNumber('owner', header.uid, 6, 10),
    encodeNumber('group', header.gid, 6, 10),
    encodeNumber('mode', header.mode, 8, 8),
    encodeNumber('size', header.size, 10, 10),
    END,
  ];
  return Buffer.from(text.join(''), 'latin1');
}

function decodeName(field: string): string {
  const name = field.replace(/ +$/, '').replace(/(?<=.)\/$/, '');
  if (/^#1\/\d/.test(name) || name.startsWith('/'))
    throw new ArError('bad-name', `member name '${name}' is of an extended format`);
  if (!/^[!-.0-~]+$/.test(name)) throw new ArError('bad-name', 'a member has no usable name');
  return name;
}

/** Only the size must be there: GNU ar leaves the other fields of its special members empty. */
function decodeNumber(what: string, field: string, radix: 8 | 10, mayBeEmpty: boolean): number {
  const digits = field.replace(/ +$/, '');
  if (digits === '' && mayBeEmpty) return 0;
  if (!(radix === 8 ? /^[0-7]+$/ : /^[0-9]+$/).test(digits))
    throw new ArError('bad-number', `the ${what} of a member is not a number`);
  return Number.parseInt(digits, radix);
}

function encodeNumber(what: string, value: number, width: number, radix: 8 | 10): string {
  const digits = value.toString(radix);
  if (!Number.isSafeInteger(value) || value < 0 || digits.length > width)
    throw new ArError('bad-number', `the ${what} of a member cannot be ${value}`);
  return digits.padEnd(width);
}
