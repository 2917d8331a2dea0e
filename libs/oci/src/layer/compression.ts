import { Duplex, PassThrough } from 'node:stream';
import { createGzip } from 'node:zlib';
import { AotError } from '@apt-ostree/errors';
import { run, start } from '@apt-ostree/run';
import { MEDIA } from '../model.ts';

export const COMPRESSIONS = ['gzip', 'zstd', 'none'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** The media type of layers so compressed. */
export const layerMediaType = (compression: Compression): string =>
  ({ gzip: MEDIA.layerGzip, zstd: MEDIA.layerZstd, none: MEDIA.layer })[compression];

const GZIP_LEVEL = 6;
const ZSTD_LEVEL = 3;

/**
 * What decides the compressed bytes besides the content. Compressors promise no more: another version of one may give
 * others, with the same diff id.
 * @throws AotError `os` when the compressor is not installed
 */
export async function compressorIdentity(compression: Compression): Promise<string> {
  if (compression === 'none') return 'none';
  if (compression === 'gzip') return `gzip-${GZIP_LEVEL}, zlib ${process.versions['zlib']}`;
  const { stdout } = await run('zstd', ['--version'], { what: 'cannot compress with zstd' });
  return `zstd-${ZSTD_LEVEL}, ${/v[\d.]+/.exec(stdout)?.[0] ?? stdout.trim()}`;
}

export interface Compressor {
  /** What comes in goes out compressed. */
  stream: Duplex;
  /** Settles when a compressor that is a program of its own has ended. */
  ended: Promise<void>;
}

/** Starts a compressor. One thread: with several, the bytes would depend on their number. */
export function compressor(compression: Compression): Compressor {
  if (compression === 'none') return { stream: new PassThrough(), ended: Promise.resolve() };
  if (compression === 'gzip') return { stream: createGzip({ level: GZIP_LEVEL }), ended: Promise.resolve() };
  return zstd();
}

function zstd(): Compressor {
  const { child, ended } = start('zstd', [`-${ZSTD_LEVEL}`, '--single-thread', '--stdout', '--quiet', '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const finished = ended.then(({ code }) => {
    if (code !== 0) throw new AotError('failed', `cannot compress a layer: zstd ended with ${code}`);
  });
  finished.catch(() => {});
  return { stream: Duplex.from({ writable: child.stdin, readable: child.stdout }), ended: finished };
}
