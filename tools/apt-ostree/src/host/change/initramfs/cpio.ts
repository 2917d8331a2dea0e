/** An entry of an archive for the kernel. */
export interface CpioEntry {
  /** Without a leading slash. */
  path: string;
  /** Type and permissions, as stat(2) has them. */
  mode: number;
  uid: number;
  gid: number;
  /** Of a link its target. */
  content: Uint8Array;
}

/** The kernel looks for the next archive at a multiple of 4; 512 is what cpio(1) fills up to. */
const BLOCK = 512;

/**
 * Writes an archive in the form that the kernel unpacks ("newc": Documentation/driver-api/early-userspace/buffer-format in
 * the kernel's source), without times, so that the same files give the same bytes.
 */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const trailer = { path: 'TRAILER!!!', mode: 0, uid: 0, gid: 0, content: new Uint8Array(0) };
  const parts = [...entries, trailer].flatMap((entry, index) => member(entry, index + 1));
  return padded(Buffer.concat(parts), BLOCK);
}

/** Fills up with zeros, which the kernel skips. */
export function padded(bytes: Uint8Array, to = BLOCK): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}

function member({ path, mode, uid, gid, content }: CpioEntry, inode: number): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const links = (mode & 0o170000) === 0o040000 ? 2 : 1;
  const numbers = [inode, mode, uid, gid, links, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${numbers.map((n) => n.toString(16).padStart(8, '0')).join('')}`);
  return [padded(Buffer.concat([header, name]), 4), padded(content, 4)];
}
