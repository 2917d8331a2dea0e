import { Readable } from 'node:stream';
import { AotError } from '@apt-ostree/errors';
import { readCommit } from '@apt-ostree/ostree';
import { digestOf } from '../digest.ts';
import { formatImageReference, type ImageReference } from '../reference.ts';
import type { ImageSource } from '../transport.ts';
import { parseManifestDocument } from '../validate.ts';
import { refCommit } from './images.ts';
import { keptRefs } from './refs.ts';

/**
 * An image of a registry as a repository has it: what its reference named when it was imported last, or the image with its
 * digest. Its documents can be read; its layers are in the repository, and not to be had from here.
 * @throws AotError `unavailable` where the repository has no such image
 */
export function keptSource(repo: string, reference: Extract<ImageReference, { transport: 'registry' }>): ImageSource {
  const name = formatImageReference(reference);
  const record =
    refCommit(repo, keptRefs.name(name)) ??
    (reference.digest === undefined ? undefined : refCommit(repo, keptRefs.image(reference.digest)));
  if (record === undefined) throw notKept(name);
  const { metadata } = readCommit(repo, record);
  const text = (key: string) => Buffer.from(String(metadata[key]));
  const bytes = text('ostree.manifest');
  const { mediaType, config } = parseManifestDocument(bytes);
  return {
    manifest: async () => ({ bytes, mediaType: mediaType as string, digest: digestOf(bytes) }),
    async blob({ digest }) {
      if (digest !== config.digest) throw notKept(name);
      return Readable.from([text('ostree.container.image-config')]);
    },
    close: async () => {},
  };
}

const notKept = (name: string): AotError =>
  new AotError('unavailable', `cannot import '${name}' without the network: it is not here, or not whole`, {
    code: 'nothing-cached',
    hint: 'run the command once without --cache-only',
  });
