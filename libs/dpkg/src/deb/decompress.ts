import type { Readable, Writable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { start } from '@apt-ostree/run';

/** The programs for what deb(5) allows after `data.tar` and `control.tar`; bzip2 and lzma were given up long ago. */
const PROGRAMS: Record<string, readonly [string, ...string[]]> = {
  '.xz': ['xz', '--decompress', '--stdout', '--memlimit-decompress=256MiB'],
  '.zst': ['zstd', '--decompress', '--stdout', '--quiet', '--no-progress', '--memory=256MiB'],
};

export type Compression = '' | '.gz' | '.xz' | '.zst';

/**
 * Decompresses a stream and hands on what comes out, chunk by chunk. Native programs do the work, on a processor of
 * their own; gzip is zlib's.
 * @throws Error where the data is damaged, or goes on after its end; whatever `take` throws ends the program
 */
export async function decompress(
  compression: Compression,
  source: AsyncIterable<Uint8Array>,
  take: (chunk: Buffer) => void,
): Promise<void> {
  if (compression === '') {
    for await (const chunk of source) take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    return;
  }
  const program = PROGRAMS[compression];
  if (program === undefined) return gunzip(source, take);
  const [file, ...args] = program;
  const { child, ended } = start(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (text) => {
    said = (said + text).slice(-1000);
  });
  try {
    await Promise.all([feed(source, child.stdin as Writable), drain(child.stdout as Readable, take)]);
    const { code, signal } = await ended;
    if (code !== 0) throw new Error(`${file}: ${said.trim().split('\n').at(-1) || `ended with ${code ?? signal}`}`);
  } catch (error) {
    child.kill('SIGKILL');
    await ended.catch(() => {});
    throw error;
  }
}

async function gunzip(source: AsyncIterable<Uint8Array>, take: (chunk: Buffer) => void): Promise<void> {
  const stream = createGunzip();
  try {
    await Promise.all([feed(source, stream), drain(stream, take)]);
  } finally {
    stream.destroy();
  }
}

/** Writes all of `source`; a program that stops reading says why itself. */
async function feed(source: AsyncIterable<Uint8Array>, sink: Writable): Promise<void> {
  let open = true;
  let wake = () => {};
  const stop = () => {
    open = false;
    wake();
  };
  sink.on('error', stop).on('close', stop);
  sink.on('drain', () => wake());
  for await (const chunk of source) {
    if (!open || sink.write(chunk)) continue; // reads to the end all the same: the whole file is hashed
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (!open) resolve();
    });
  }
  if (open) sink.end();
}

function drain(stream: Readable, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        stream.destroy();
        reject(error);
      }
    });
    stream.once('end', resolve).once('error', reject);
  });
}
