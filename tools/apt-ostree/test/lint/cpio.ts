/** A cpio archive of the form "newc" with these files. */
export function cpio(files: Record<string, string>): Buffer {
  const members = [...Object.entries(files), ['TRAILER!!!', '']] as [string, string][];
  return Buffer.concat(members.flatMap(([name, content], at) => member(name, Buffer.from(content), at + 1)));
}

function member(name: string, content: Buffer, inode: number): Buffer[] {
  const fields = [inode, 0o100644, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
  const header = `070701${fields.map((n) => n.toString(16).padStart(8, '0')).join('')}`;
  return [padded(Buffer.from(`${header}${name}\0`)), padded(content)];
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
