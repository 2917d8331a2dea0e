import { run } from '@apt-ostree/run';
import type { Xattr } from './objects.ts';

/** Bytes of one call's arguments, well below the kernel's limit. */
const BATCH = 512 * 1024;

/**
 * Reads extended attributes, of links themselves: with one call of getfattr(1) for many files, since Node cannot.
 * @param paths absolute
 * @returns attributes sorted by name, for those files that have any
 */
export async function getXattrs(paths: readonly string[]): Promise<Map<string, Xattr[]>> {
  const found = new Map<string, Xattr[]>();
  for (const some of batches(paths)) await getSome(some, found);
  return found;
}

function* batches(paths: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let size = 0;
  for (const path of paths) {
    if (size > BATCH) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(path);
    size += Buffer.byteLength(path);
  }
  if (batch.length > 0) yield batch;
}

async function getSome(paths: readonly string[], into: Map<string, Xattr[]>): Promise<void> {
  const options = ['--no-dereference', '--absolute-names', '--dump', '--match=-', '--encoding=hex'];
  const { stdout } = await run('getfattr', [...options, '--', ...paths], {
    what: 'cannot read extended attributes',
    env: { LC_ALL: 'C' },
  });
  for (const block of stdout.split('\n\n')) {
    const [head = '', ...lines] = block.trim().split('\n');
    if (head.startsWith('# file: '))
      into.set(unquote(head.slice('# file: '.length)), lines.map(attribute).sort(byName));
  }
}

/** getfattr writes backslash, line breaks and, in names of attributes, `=` as octal escapes. */
const unquote = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** `NAME=0xHEX`, or a name alone for an empty value. */
function attribute(line: string): Xattr {
  const at = line.indexOf('=');
  const name = at < 0 ? line : line.slice(0, at);
  return [unquote(name), Buffer.from(at < 0 ? '' : line.slice(at + '=0x'.length), 'hex')];
}

const byName = ([a]: Xattr, [b]: Xattr): number => (a < b ? -1 : a > b ? 1 : 0);
