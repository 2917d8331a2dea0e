import { run } from '@apt-ostree/run';
import type { Xattr } from './objects.ts';

/** Gives files extended attributes, with one call of setfattr(1) for all: Node cannot. */
export async function setXattrs(files: readonly { path: string; xattrs: readonly Xattr[] }[]): Promise<void> {
  const blocks = files.map(({ path, xattrs }) => `# file: ${quote(path)}\n${xattrs.map(line).join('')}`);
  await run('setfattr', ['--no-dereference', '--restore=-'], {
    input: `${blocks.join('\n')}\n`,
    what: 'cannot set extended attributes',
  });
}

const line = ([name, value]: Xattr): string =>
  `${quote(name, /[\\\n\r=]/g)}${value.length === 0 ? '' : `=0x${Buffer.from(value).toString('hex')}`}\n`;

/** setfattr reads backslash and line breaks as octal escapes. */
const quote = (text: string, special = /[\\\n\r]/g): string =>
  text.replace(special, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
