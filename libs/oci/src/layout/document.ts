import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { hexOf } from '../digest.ts';
import type { Descriptor, ImageIndexDocument } from '../model.ts';
import { MOST_BYTES, parseIndex } from '../validate.ts';

/** The annotation that names an image in a layout (OCI image specification, "Image Layout"). */
export const REF_NAME = 'org.opencontainers.image.ref.name';

/** Where a layout has a blob. */
export const blobPath = (directory: string, digest: string): string =>
  join(directory, 'blobs', 'sha256', hexOf(digest));

/** The index of a layout; undefined when there is none. */
export function readIndex(directory: string): ImageIndexDocument | undefined {
  const bytes = readSmall(join(directory, 'index.json'));
  return bytes === undefined ? undefined : parseIndex(bytes);
}

/** A file of at most so many bytes as a document may have; undefined when there is none. Links are not followed. */
export function readSmall(path: string): Buffer | undefined {
  const descriptor = openFile(path);
  if (descriptor === undefined) return undefined;
  try {
    const { size } = fstatSync(descriptor);
    if (size > MOST_BYTES)
      throw new AotError('data', `cannot read '${path}': it has more than ${MOST_BYTES} bytes`, { code: 'bad-image' });
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

/** A descriptor of a regular file; undefined when there is none. @throws AotError `data` for anything else */
export function openFile(path: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP') throw notAFile(path);
    throw error;
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw notAFile(path);
}

const notAFile = (path: string): AotError =>
  new AotError('data', `cannot read '${path}': it is no regular file`, { code: 'bad-image' });

/**
 * The image that a tag names in an index; without a tag the only one. What refers to another (signatures, lists of
 * packages) has no name and does not count.
 */
export function namedIn({ manifests }: ImageIndexDocument, tag: string | undefined): Descriptor[] {
  const named = manifests.filter((m) => m.annotations?.[REF_NAME] !== undefined);
  if (tag !== undefined) return named.filter((m) => m.annotations?.[REF_NAME] === tag);
  return named.length > 0 ? named : manifests.filter((m) => m.artifactType === undefined);
}
