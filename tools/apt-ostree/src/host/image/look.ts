import { machineArchitecture } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import type { HostImage } from '@apt-ostree/host';
import {
  type Image,
  type ImageReference,
  type ImageSource,
  keptSource,
  openSource,
  parseImageReference,
  platformOf,
  readAndClose,
} from '@apt-ostree/oci';
import { authfileOf } from './authfile.ts';

/** Reads the documents of an image where it is now, or offline where it is kept; no layer is fetched. */
export async function lookAt(
  { image, reference }: HostImage,
  repo: string,
  offline: boolean,
  context: Context,
): Promise<Image> {
  const source = await open(parseImageReference(image), repo, offline, context);
  return readAndClose(source, platformOf(await machineArchitecture()), reference);
}

async function open(image: ImageReference, repo: string, offline: boolean, { signal }: Context): Promise<ImageSource> {
  if (offline && image.transport === 'registry') return keptSource(repo, image);
  const authfile = authfileOf();
  return openSource(image, { ...(authfile === undefined ? {} : { authfile }), signal });
}
