import { machineArchitecture } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import type { HostImage } from '@apt-ostree/host';
import { type Image, openSource, parseImageReference, platformOf, readImage } from '@apt-ostree/oci';
import { authfileOf } from './authfile.ts';

/** Reads the documents of an image where it is now; no layer is fetched. */
export async function lookAt({ image, reference }: HostImage, context: Context): Promise<Image> {
  const authfile = authfileOf();
  const source = await openSource(parseImageReference(image), {
    ...(authfile === undefined ? {} : { authfile }),
    signal: context.signal,
  });
  try {
    return await readImage(source, platformOf(await machineArchitecture()), reference);
  } finally {
    await source.close();
  }
}
