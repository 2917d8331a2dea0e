import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { AotError } from '@apt-ostree/errors';
import { digestOf, verified } from '../digest.ts';
import { type Descriptor, MEDIA } from '../model.ts';
import type { ImageSource, StoredManifest } from '../transport.ts';
import { blobPath, namedIn, openFile, readIndex, readSmall } from './document.ts';

/**
 * An image in an OCI image layout.
 * @param where the layout as the user named it, for messages
 * @throws AotError `noInput` when there is no layout, or no such image in it
 */
export function openLayout(directory: string, tag: string | undefined, where: string): ImageSource {
  const named = theOnly(directory, tag, where);
  return {
    manifest: async (digest) => readManifest(directory, digest === undefined ? named : { digest }, where),
    blob: async (descriptor) => openBlob(directory, descriptor, where),
    close: async () => {},
  };
}

function theOnly(directory: string, tag: string | undefined, where: string): Descriptor {
  const index = readIndex(directory);
  if (index === undefined)
    throw new AotError('noInput', `cannot read '${where}': there is no image layout`, { code: 'no-image' });
  const found = namedIn(index, tag);
  if (found.length === 1) return found[0] as Descriptor;
  const names = namedIn(index, undefined).map((m) => Object.values(m.annotations ?? {})[0] ?? m.digest);
  const hint = names.length === 0 ? undefined : `it has ${[...new Set(names)].join(', ')}`;
  const why =
    found.length > 1 ? 'it has several images' : tag === undefined ? 'it has no image' : `it has no image '${tag}'`;
  throw new AotError('noInput', `cannot read '${where}': ${why}`, { code: 'no-image', hint });
}

function readManifest(directory: string, named: { digest: string; mediaType?: string }, where: string): StoredManifest {
  const bytes = readSmall(blobPath(directory, named.digest));
  if (bytes === undefined) throw lacks(where, named.digest);
  if (digestOf(bytes) !== named.digest)
    throw new AotError('data', `cannot verify manifest '${named.digest}' of '${where}': its digest differs`, {
      code: 'wrong-digest',
    });
  return { bytes, digest: named.digest, mediaType: named.mediaType ?? mediaTypeOf(bytes) };
}

/** What a manifest says of itself; an index is one that lists manifests. */
export function mediaTypeOf(bytes: Buffer): string {
  try {
    const document = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown; manifests?: unknown };
    if (typeof document.mediaType === 'string') return document.mediaType;
    return Array.isArray(document.manifests) ? MEDIA.index : MEDIA.manifest;
  } catch {
    return MEDIA.manifest;
  }
}

function openBlob(directory: string, descriptor: Descriptor, where: string): Readable {
  const path = blobPath(directory, descriptor.digest);
  const fd = openFile(path);
  if (fd === undefined) throw lacks(where, descriptor.digest);
  return verified(createReadStream(path, { fd, highWaterMark: 1 << 18 }), descriptor, where);
}

const lacks = (where: string, digest: string): AotError =>
  new AotError('data', `cannot read '${where}': blob '${digest}' is missing`, { code: 'no-blob' });
