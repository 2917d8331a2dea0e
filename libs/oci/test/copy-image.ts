import {
  type ImageDestination,
  type ImageReference,
  type ImageSource,
  isIndex,
  openDestination,
  openSource,
  parseIndex,
  type StoredManifest,
  type TransportOptions,
  transferBlobs,
} from '../src/index.ts';

/** Copies an image from one place to another, byte for byte. @returns its digest */
export async function copyImage(
  from: ImageReference,
  to: ImageReference,
  further: Partial<TransportOptions> = {},
): Promise<string> {
  const options = { signal: new AbortController().signal, ...further };
  const source = await openSource(from, options);
  try {
    const destination = await openDestination(to, options);
    try {
      return (await transfer(source, destination)).digest;
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}

/** The same, of an image or all images of an index, between what is open already. */
export async function transfer(from: ImageSource, to: ImageDestination): Promise<StoredManifest> {
  const top = await from.manifest();
  if (isIndex(top.mediaType)) {
    for (const { digest } of parseIndex(top.bytes).manifests) {
      const one = await from.manifest(digest);
      await transferBlobs(one, from, to);
      await to.attach(one);
    }
  } else await transferBlobs(top, from, to);
  await to.publish(top);
  return top;
}
