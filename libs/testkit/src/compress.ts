import { start } from '@apt-ostree/run';

export type Compression = 'xz' | 'gz' | 'zst' | 'none';

/** What follows the name of a tar member in a .deb. */
export const EXTENSION: Record<Compression, string> = { xz: '.xz', gz: '.gz', zst: '.zst', none: '' };

const COMMAND: Record<Exclude<Compression, 'none'>, [string, ...string[]]> = {
  xz: ['xz', '-0', '-T1', '-c'],
  gz: ['gzip', '-n', '-c'],
  zst: ['zstd', '-1', '-q', '-c'],
};

/** Compresses a stream; the same bytes give the same bytes. */
export async function compress(source: AsyncIterable<Uint8Array>, how: Compression): Promise<Buffer> {
  if (how === 'none') return collect(source);
  const [file, ...args] = COMMAND[how];
  const { child, ended } = start(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const output = collect(child.stdout as AsyncIterable<Buffer>);
  for await (const chunk of source) {
    if (!child.stdin?.write(chunk)) await new Promise((resolve) => child.stdin?.once('drain', resolve));
  }
  child.stdin?.end();
  const [bytes, { code }] = await Promise.all([output, ended]);
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  return bytes;
}

/** All bytes of a stream. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
