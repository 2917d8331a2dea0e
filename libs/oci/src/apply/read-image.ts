import type { Readable } from 'node:stream';
import { AotError } from '@apt-ostree/errors';
import type { Descriptor, ImageConfig, ImageManifestDocument, Platform } from '../model.ts';
import { fits, formatPlatform } from '../platform.ts';
import type { ImageSource, StoredManifest } from '../transport.ts';
import { isIndex, parseConfig, parseIndex, parseManifestDocument } from '../validate.ts';
import { LIMITS } from './limits.ts';

export interface ImageLayer {
  descriptor: Descriptor;
  /** Digest of the uncompressed layer. */
  diffId: string;
}

/** An image for one platform: its documents, verified and checked against each other. */
export interface Image {
  stored: StoredManifest;
  manifest: ImageManifestDocument;
  config: ImageConfig;
  configBytes: Buffer;
  labels: Readonly<Record<string, string>>;
  /** The lowest first. */
  layers: ImageLayer[];
}

/** No manifest and no configuration is larger; libostree takes no larger value in a commit either. */
const LARGEST_CONFIG = 4 * 1024 * 1024;

/**
 * Reads the documents of an image; of an index the image for the platform.
 * @param name of the image, for errors
 * @throws AotError `data` for documents that contradict each other, `failed` where there is no image for the platform
 */
export async function readImage(source: ImageSource, platform: Platform, name: string): Promise<Image> {
  const stored = await chosenManifest(source, platform, name);
  const manifest = parseManifestDocument(stored.bytes);
  if (manifest.artifactType !== undefined && manifest.layers.length === 0)
    throw new AotError('data', `cannot use '${name}': it is no image but an artifact`);
  const configBytes = await readConfig(source, manifest.config, name);
  const config = parseConfig(configBytes);
  if (!fits(config, platform)) throw wrongPlatform(name, [config], platform);
  return {
    ...{ stored, manifest, config, configBytes },
    labels: config.config?.Labels ?? {},
    layers: pairUp(manifest, config, name),
  };
}

/** The same where an image was opened for nothing else: it is closed then. */
export async function readAndClose(source: ImageSource, platform: Platform, name: string): Promise<Image> {
  try {
    return await readImage(source, platform, name);
  } finally {
    await source.close();
  }
}

async function chosenManifest(source: ImageSource, platform: Platform, name: string): Promise<StoredManifest> {
  const first = await source.manifest();
  if (!isIndex(first.mediaType)) return first;
  const { manifests } = parseIndex(first.bytes);
  const found = manifests.find((m) => m.platform !== undefined && fits(m.platform, platform));
  if (found === undefined)
    throw wrongPlatform(
      name,
      manifests.flatMap((m) => m.platform ?? []),
      platform,
    );
  const manifest = await source.manifest(found.digest);
  if (isIndex(manifest.mediaType)) throw new AotError('data', `cannot use '${name}': its index names another index`);
  return manifest;
}

/** An image's configuration. @throws AotError `data` for one that is too large */
export async function readConfig(source: ImageSource, descriptor: Descriptor, name: string): Promise<Buffer> {
  if (descriptor.size > LARGEST_CONFIG)
    throw new AotError('data', `cannot use '${name}': its configuration is too large`);
  return collect(await source.blob(descriptor));
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function pairUp(manifest: ImageManifestDocument, config: ImageConfig, name: string): ImageLayer[] {
  const { layers } = manifest;
  const diffIds = config.rootfs.diff_ids;
  if (layers.length !== diffIds.length)
    throw new AotError(
      'data',
      `cannot use '${name}': its manifest has ${layers.length} layers, and its configuration ${diffIds.length}`,
    );
  if (layers.length > LIMITS.layers)
    throw new AotError('data', `cannot use '${name}': it has more than ${LIMITS.layers} layers`);
  return layers.map((descriptor, i) => ({ descriptor, diffId: diffIds[i] as string }));
}

function wrongPlatform(name: string, have: readonly Platform[], want: Platform): AotError {
  const list = have.map(formatPlatform);
  return new AotError(
    'failed',
    `cannot use '${name}': it is for ${list.join(', ') || 'no platform'}, not for ${want.os}/${want.architecture}`,
    { code: 'wrong-architecture' },
  );
}
