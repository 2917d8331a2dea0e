/** Bytes of a header, and of the blocks that content is padded to. */
export const BLOCK = 512;

export type TarType =
  | 'file'
  | 'hardlink'
  | 'symlink'
  | 'chardev'
  | 'blockdev'
  | 'directory'
  | 'fifo'
  | 'longname'
  | 'longlink'
  | 'pax'
  | 'global';

export interface TarHeader {
  path: string;
  /** Target of a link. */
  link: string;
  type: TarType;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** From a pax header. */
  xattrs?: ReadonlyMap<string, Buffer> | undefined;
}

/** Thrown for archives that dpkg would not read either. */
export class TarError extends Error {
  override readonly name = 'TarError';
}

const TYPES: Record<string, TarType> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'chardev',
  '4': 'blockdev',
  '5': 'directory',
  '6': 'fifo',
  L: 'longname',
  K: 'longlink',
};

/** The headers of the pax format. */
const PAX: Record<string, TarType> = { x: 'pax', g: 'global' };

/**
 * Decodes the 512 bytes of a header: old, ustar or GNU format, as dpkg-deb writes and deb(5) allows. Headers of the pax
 * format are refused unless `pax` says otherwise, as dpkg refuses them; so a package never carries extended attributes.
 * @returns undefined for the block of zeros that ends an archive
 * @throws TarError
 */
export function decodeTarHeader(block: Buffer, pax = false): TarHeader | undefined {
  const said = octal(block, 148, 8, 'checksum', true);
  const sum = byteSum(block);
  if (sum === 256 && said === 0 && block[0] === 0) return undefined;
  if (sum !== said) throw new TarError('a tar header has a wrong checksum');
  const flag = String.fromCharCode(block[156] as number);
  const type = TYPES[flag] ?? (pax ? PAX[flag] : undefined);
  if (type === undefined)
    throw new TarError(`tar header type '${flag}' is not one that ${pax ? 'layers' : 'packages'} may have`);
  const name = text(block, 0, 100);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    link: type === 'hardlink' || type === 'symlink' ? text(block, 157, 100) : '',
    // a directory of the oldest format is a file whose name ends with a slash
    type: type === 'file' && name.endsWith('/') ? 'directory' : type,
    mode: octal(block, 100, 8, 'mode') & 0o7777,
    uid: octal(block, 108, 8, 'owner'),
    gid: octal(block, 116, 8, 'group'),
    size: octal(block, 124, 12, 'size'),
  };
}

/** The sum of all bytes, with the checksum's own eight taken as spaces. */
function byteSum(block: Buffer): number {
  let sum = 8 * 32;
  for (let i = 0; i < 148; i++) sum += block[i] as number;
  for (let i = 156; i < BLOCK; i++) sum += block[i] as number;
  return sum;
}

/** A number field: octal digits, or, where the first bit is set, base 256. */
function octal(block: Buffer, at: number, length: number, what: string, lenient = false): number {
  const first = block[at] as number;
  if (first & 0x80) return base256(block, at, length, what);
  let end = at;
  while (end < at + length && block[end] === 32) end++;
  let value = 0;
  for (; end < at + length; end++) {
    const digit = (block[end] as number) - 48;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  const stop = block[end];
  if (end < at + length && stop !== 0 && stop !== 32 && !lenient)
    throw new TarError(`the ${what} of a tar header is not a number`);
  return value;
}

function base256(block: Buffer, at: number, length: number, what: string): number {
  if (block[at] !== 0x80) throw new TarError(`the ${what} of a tar header is negative or too large`);
  let value = 0;
  for (let i = at + 1; i < at + length; i++) value = value * 256 + (block[i] as number);
  if (!Number.isSafeInteger(value)) throw new TarError(`the ${what} of a tar header is too large`);
  return value;
}

const text = (block: Buffer, at: number, length: number): string => decodeName(block.subarray(at, at + length));

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A name up to its first zero byte. libostree and GVariant know only UTF-8. */
export function decodeName(bytes: Buffer): string {
  const zero = bytes.indexOf(0);
  const name = zero < 0 ? bytes : bytes.subarray(0, zero);
  const ascii = name.toString('latin1');
  if (!/[\x80-\xff]/.test(ascii)) return ascii;
  try {
    return utf8.decode(name);
  } catch (cause) {
    throw new TarError(`the file name '${ascii}' is not UTF-8`, { cause });
  }
}
