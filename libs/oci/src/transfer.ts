import { Readable } from 'node:stream';
import { limiter } from '@apt-ostree/run';
import type { Descriptor } from './model.ts';
import type { ImageDestination, ImageSource, StoredManifest } from './transport.ts';
import { parseManifestDocument } from './validate.ts';

const AT_ONCE = 4;

/** Copies the configuration and the layers of an image, as far as they are not there already; its manifest is left to the caller. */
export async function transferBlobs({ bytes }: StoredManifest, from: ImageSource, to: ImageDestination): Promise<void> {
  const { config, layers } = parseManifestDocument(bytes);
  const blobs = [...new Map([...layers, config].map((blob) => [blob.digest, blob])).values()];
  const limit = limiter(AT_ONCE);
  await Promise.all(blobs.map((blob) => limit(() => transferBlob(blob, from, to))));
}

async function transferBlob(blob: Descriptor, from: ImageSource, to: ImageDestination): Promise<void> {
  if (!(await to.has(blob))) await to.put(blob, () => lazily(() => from.blob(blob)));
}

/** A stream that begins when it is read. */
const lazily = (open: () => Promise<Readable>): Readable =>
  Readable.from(
    (async function* () {
      yield* await open();
    })(),
    { objectMode: false },
  );
