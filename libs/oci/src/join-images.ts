import { AotError } from '@apt-ostree/errors';
import { readConfig } from './apply/read-image.ts';
import { digestOf } from './digest.ts';
import { type Descriptor, type ImageIndexDocument, MEDIA, type Platform } from './model.ts';
import { formatPlatform } from './platform.ts';
import { transferBlobs } from './transfer.ts';
import type { ImageDestination, ImageSource, StoredManifest } from './transport.ts';
import { isIndex, parseConfig, parseManifestDocument } from './validate.ts';

/** An image that is to be one of several. */
export interface NamedImage {
  source: ImageSource;
  /** As the user named it, for errors. */
  name: string;
}

/**
 * Joins images for different platforms under one name: an index of them. Each keeps its manifest and so its digest, and goes
 * where the index goes as far as it is not there; the index comes last. In whatever order they are given, the index is the same.
 * @throws AotError `usage` where two are for the same platform, or one is an index
 */
export async function joinImages(images: readonly NamedImage[], to: ImageDestination): Promise<StoredManifest> {
  const found = [];
  for (const image of images) found.push(await describe(image));
  found.sort((a, b) => (a.platform < b.platform ? -1 : 1));
  refuseTwice(found);
  for (const { manifest, image } of found) {
    await transferBlobs(manifest, image.source, to);
    await to.attach(manifest);
  }
  const index = indexOf(found.map(({ descriptor }) => descriptor));
  await to.publish(index);
  return index;
}

interface Found {
  image: NamedImage;
  manifest: StoredManifest;
  descriptor: Descriptor;
  /** For people, and to sort by. */
  platform: string;
}

async function describe(image: NamedImage): Promise<Found> {
  const { source, name } = image;
  const manifest = await source.manifest();
  if (isIndex(manifest.mediaType)) throw cannotJoin(name, 'it is an index already', 'name the images in it');
  const { config } = parseManifestDocument(manifest.bytes);
  const { architecture, os, variant } = parseConfig(await readConfig(source, config, name));
  const platform: Platform = { architecture, os, ...(variant === undefined ? {} : { variant }) };
  const { mediaType, digest, bytes } = manifest;
  const descriptor = { mediaType, digest, size: bytes.length, platform };
  return { image, manifest, descriptor, platform: formatPlatform(platform) };
}

function refuseTwice(found: readonly Found[]): void {
  for (const [i, { platform, image }] of found.entries()) {
    const before = found[i - 1];
    if (before?.platform !== platform) continue;
    throw cannotJoin(image.name, `it is for ${platform}, as is '${before.image.name}'`);
  }
}

function indexOf(manifests: Descriptor[]): StoredManifest {
  const document: ImageIndexDocument = { schemaVersion: 2, mediaType: MEDIA.index, manifests };
  const bytes = Buffer.from(JSON.stringify(document));
  return { bytes, mediaType: MEDIA.index, digest: digestOf(bytes) };
}

const cannotJoin = (name: string, why: string, hint?: string): AotError =>
  new AotError('usage', `cannot join '${name}': ${why}`, { hint });
