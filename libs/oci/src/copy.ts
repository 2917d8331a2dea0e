import { Readable } from 'node:stream';
import type { Descriptor } from './model.ts';
import type { ImageDestination, ImageSource, StoredManifest } from './transport.ts';
import { isIndex, parseIndex, parseManifestDocument } from './validate.ts';

/** Copies an image, or all images of an index, byte for byte, and names it at its end. */
export async function copyImage(from: ImageSource, to: ImageDestination): Promise<StoredManifest> {
  const top = await from.manifest();
  if (isIndex(top.mediaType)) {
    for (const { digest } of parseIndex(top.bytes).manifests) {
      const one = await from.manifest(digest);
      await copyBlobs(one, from, to);
      await to.attach(one);
    }
  } else await copyBlobs(top, from, to);
  await to.publish(top);
  return top;
}

async function copyBlobs({ bytes }: StoredManifest, from: ImageSource, to: ImageDestination): Promise<void> {
  const { config, layers } = parseManifestDocument(bytes);
  await inTurns([...layers, config], (blob) => copyBlob(blob, from, to));
}

async function copyBlob(blob: Descriptor, from: ImageSource, to: ImageDestination): Promise<void> {
  if (!(await to.has(blob))) await to.put(blob, () => lazily(() => from.blob(blob)));
}

/** A stream that begins when it is read. */
export const lazily = (open: () => Promise<Readable>): Readable =>
  Readable.from(
    (async function* () {
      yield* await open();
    })(),
    { objectMode: false },
  );

/** So many transfers at once as a registry takes well. */
const AT_ONCE = 4;

/** Works through a list, a few at a time; the first failure ends it. */
export async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...new Set(items)];
  const next = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  } finally {
    queue.length = 0;
  }
}
