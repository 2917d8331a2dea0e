import { createHash } from 'node:crypto';
import { addAbortSignal, type Readable } from 'node:stream';
import { type Compression, decompress, TarError, type TarHandler, TarParser } from '@apt-ostree/dpkg/tar';
import { AotError, explain, isAotError } from '@apt-ostree/errors';
import { type Descriptor, MEDIA } from '../model.ts';
import { LIMITS } from './limits.ts';

const COMPRESSION: Record<string, Compression> = {
  [MEDIA.layer]: '',
  [MEDIA.layerGzip]: '.gz',
  [MEDIA.layerZstd]: '.zst',
  [MEDIA.dockerLayer]: '.gz',
  'application/vnd.docker.image.rootfs.diff.tar': '',
  'application/vnd.docker.image.rootfs.diff.tar.zstd': '.zst',
};

export interface LayerToRead {
  descriptor: Descriptor;
  /** Digest of the uncompressed layer, as the image's configuration has it. */
  diffId: string;
  /** Opens the blob; see ImageSource. */
  open(): Promise<Readable>;
  /** Bytes as they come over the wire. */
  progress?(bytes: number): void;
}

/**
 * Reads a layer through to its end and hands its members on.
 * @throws AotError `data` for what is no layer, unpacks to absurd size, or is not what the image's configuration says
 */
export async function readLayer(
  layer: LayerToRead,
  handler: TarHandler & { abort(): void },
  signal: AbortSignal,
): Promise<void> {
  const { descriptor, diffId } = layer;
  const compression = compressionOf(descriptor);
  const limit = descriptor.size * (compression === '' ? 1 : LIMITS.ratio) + (compression === '' ? 0 : LIMITS.slack);
  const hash = createHash('sha256');
  const parser = new TarParser(handler, true);
  let size = 0;
  const blob = addAbortSignal(signal, await layer.open()); // also where it waits for bytes that never come
  try {
    await decompress(compression, counted(blob, layer, signal), (chunk) => {
      size += chunk.length;
      if (size > limit) throw new Error(`it unpacks to more than ${limit} bytes from ${descriptor.size}`);
      hash.update(chunk);
      parser.push(chunk);
    });
    parser.end();
  } catch (error) {
    handler.abort();
    if (signal.aborted) throw signal.reason;
    throw asLayerError(error, descriptor);
  } finally {
    blob.destroy();
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== diffId)
    throw wrong(descriptor, `its content is '${found}', not '${diffId}' as the image's configuration says`);
}

function compressionOf({ mediaType, digest }: Descriptor): Compression {
  const known = COMPRESSION[mediaType];
  if (known !== undefined) return known;
  throw new AotError('data', `cannot use layer '${digest}': '${mediaType}' is no kind of layer that is known here`);
}

async function* counted(blob: Readable, { progress }: LayerToRead, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of blob as AsyncIterable<Uint8Array>) {
    if (signal.aborted) throw signal.reason;
    progress?.(chunk.length);
    yield chunk;
  }
}

/** Our own checks and the decompressors throw plain Errors; failed system calls and bugs go their way. */
function asLayerError(error: unknown, descriptor: Descriptor): unknown {
  if (isAotError(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const isDamage = error instanceof TarError || code === undefined || code.startsWith('Z_');
  if (isDamage && error instanceof Error && !(error instanceof TypeError)) return wrong(descriptor, error.message);
  return explain(error, `cannot unpack layer '${descriptor.digest}'`);
}

const wrong = ({ digest }: Descriptor, why: string): AotError =>
  new AotError('data', `cannot use layer '${digest}': ${why}`, { code: 'bad-layer' });
