import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { start } from '@apt-ostree/run';
import { CpioReader } from './cpio.ts';

/** What an initramfs has in it. */
export interface Initramfs {
  names: ReadonlySet<string>;
  contents: ReadonlyMap<string, Buffer>;
}

/** Uncompressed; a real one has a tenth of that. */
const MOST_BYTES = 2 * 1024 ** 3;

/**
 * Reads an initramfs: cpio archives one after the other, of which the last may be compressed; microcode comes first.
 * @param wanted paths whose content is returned too
 * @throws Error that says what is wrong with it
 */
export async function readInitramfs(image: Uint8Array, wanted: readonly string[]): Promise<Initramfs> {
  const names = new Set<string>();
  const contents = new Map<string, Buffer>();
  let rest = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  if (rest.length === 0) throw new Error('it is empty');
  while (rest.length > 0) {
    const reader = new CpioReader(wanted);
    const behind = isCpio(rest) ? reader.push(rest) : await readCompressed(rest, reader);
    for (const name of reader.names) names.add(name);
    for (const [name, content] of reader.contents) contents.set(name, content);
    if (behind === undefined) throw new Error('it is cut short');
    rest = withoutPadding(behind);
  }
  return { names, contents };
}

const isCpio = (bytes: Buffer): boolean => /^07070[12]$/.test(bytes.toString('latin1', 0, 6));

function withoutPadding(bytes: Buffer): Buffer {
  let at = 0;
  while (bytes[at] === 0) at++;
  return bytes.subarray(at);
}

/** Programs that uncompress, by the first bytes of what they take. */
const PROGRAMS: [magic: string, argv: [string, ...string[]]][] = [
  ['28b52ffd', ['zstd', '--decompress', '--stdout', '--quiet']],
  ['fd377a585a00', ['xz', '--decompress', '--stdout']],
  ['425a68', ['bzip2', '--decompress', '--stdout']],
  ['04224d18', ['lz4', '-d', '-c']],
  ['02214c18', ['lz4', '-d', '-c']],
];

/** Nothing is looked for behind a compressed archive. */
async function readCompressed(bytes: Buffer, reader: CpioReader): Promise<Buffer | undefined> {
  let length = 0;
  for await (const chunk of uncompressed(bytes)) {
    length += (chunk as Buffer).length;
    if (length > MOST_BYTES) throw new Error('it is larger than 2 GiB');
    if (reader.push(chunk as Buffer)) break;
  }
  return reader.ended ? Buffer.alloc(0) : undefined;
}

async function* uncompressed(bytes: Buffer): AsyncGenerator<Buffer> {
  const magic = bytes.toString('hex', 0, 6);
  if (magic.startsWith('1f8b')) {
    yield* Readable.from([bytes]).pipe(createGunzip()) as AsyncIterable<Buffer>;
    return;
  }
  const argv = PROGRAMS.find(([start]) => magic.startsWith(start))?.[1];
  if (argv === undefined) throw new Error('its form is not known');
  const { child, ended } = start(argv[0], argv.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin?.on('error', () => {}); // we may have read enough
  child.stdin?.end(bytes);
  try {
    if (child.stdout) yield* child.stdout as AsyncIterable<Buffer>;
  } finally {
    child.kill();
    await ended;
  }
}
