/**
 * Deterministic tar: POSIX ustar (IEEE 1003.1, pax), without names of users and groups and with one time for everything.
 * What a ustar header cannot hold is in a pax header before it, extended attributes as `SCHILY.xattr.NAME`.
 */
export interface TarEntry {
  /** Without a leading or trailing slash; empty for the root. */
  path: string;
  type: 'directory' | 'file' | 'symlink' | 'hardlink';
  uid: number;
  gid: number;
  /** Permission bits. */
  mode: number;
  /** Bytes that follow; of regular files only. */
  size?: number;
  /** Of links; of a hardlink a path in the same archive. */
  target?: string;
  xattrs?: readonly (readonly [name: string, value: Uint8Array])[];
}

const BLOCK = 512;
const TYPE = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;
const LONGEST = 100;
const LARGEST_ID = 0o7777777;
const LARGEST_SIZE = 0o77777777777;

/** Two empty blocks. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** The header of an entry, with the pax header before it where one is needed. */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.type === 'directory' ? `${entry.path === '' ? '.' : entry.path}/` : entry.path;
  const records = paxRecords(entry, name);
  const header = ustar(entry, name);
  if (records.length === 0) return header;
  const content = Buffer.concat(records);
  const paxHeader = ustar({ path: '', type: 'file', uid: 0, gid: 0, mode: 0o644, size: content.length }, PAX_NAME, 'x');
  return Buffer.concat([paxHeader, content, tarPadding(content.length), header]);
}

/** What fills the last block of so many bytes. */
export const tarPadding = (size: number): Buffer => Buffer.alloc(-size & (BLOCK - 1));

/** The name is of no use to anybody, and the same for all. */
const PAX_NAME = 'pax';

function paxRecords({ uid, gid, size = 0, target = '', xattrs = [] }: TarEntry, name: string): Buffer[] {
  const records: Buffer[] = [];
  if (!fits(name)) records.push(record('path', name));
  if (!fits(target)) records.push(record('linkpath', target));
  if (size > LARGEST_SIZE) records.push(record('size', `${size}`));
  if (uid > LARGEST_ID) records.push(record('uid', `${uid}`));
  if (gid > LARGEST_ID) records.push(record('gid', `${gid}`));
  for (const [attribute, value] of xattrs) records.push(record(`SCHILY.xattr.${attribute}`, value));
  return records;
}

/** Short, and of ASCII: pax says UTF-8, ustar says nothing. */
const fits = (text: string): boolean => text.length <= LONGEST && /^[\x20-\x7e]*$/.test(text);

/** `LENGTH KEY=VALUE` and a line feed; the length counts its own digits. */
function record(key: string, value: string | Uint8Array): Buffer {
  const tail = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')]);
  let length = tail.length + 1;
  while (`${length}`.length + tail.length !== length) length = `${length}`.length + tail.length;
  return Buffer.concat([Buffer.from(`${length}`), tail]);
}

function ustar(entry: TarEntry, name: string, type: string = TYPE[entry.type]): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, '0'), at, digits, 'latin1');
  header.write(name, 0, LONGEST, 'utf8');
  octal(entry.mode & 0o7777, 100, 7);
  octal(entry.uid > LARGEST_ID ? 0 : entry.uid, 108, 7);
  octal(entry.gid > LARGEST_ID ? 0 : entry.gid, 116, 7);
  const size = entry.type === 'file' ? (entry.size ?? 0) : 0;
  octal(size > LARGEST_SIZE ? 0 : size, 124, 11);
  octal(0, 136, 11);
  header.write(type, 156, 'latin1');
  header.write(entry.target ?? '', 157, LONGEST, 'utf8');
  header.write('ustar\0', 257, 'latin1');
  header.write('00', 263, 'latin1');
  octal(0, 329, 7);
  octal(0, 337, 7);
  header.fill(0x20, 148, 156);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  header[154] = 0;
  return header;
}
