import { Readable } from 'node:stream';
import { sha256 } from '@apt-ostree/manifest';
import { type Descriptor, type ImageManifestDocument, MEDIA, type StoredManifest } from '@apt-ostree/oci';
import { sorted } from './labels.ts';
import type { PlannedLayer } from './planned.ts';

/** Says which group a layer is, and which source packages are in it. */
export const GROUP = 'io.github.apt-ostree.group';
export const PACKAGES = 'io.github.apt-ostree.packages';
/** What ostree's own importer, and rpm-ostree, call the packages of a layer. */
export const COMPONENTS = 'ostree.components';
const COMPRESSOR = 'io.github.apt-ostree.compressor';

export const layerAnnotations = (plan: PlannedLayer, format: 'plain' | 'encapsulated'): Record<string, string> =>
  sorted({
    [GROUP]: plan.id,
    [PACKAGES]: plan.packages.join(','),
    ...(format === 'encapsulated' ? { [COMPONENTS]: plan.packages.join(',') } : {}),
  });

/** A document as it is stored: no white space, members in the order in which they were written here. */
export interface StoredDocument {
  bytes: Buffer;
  descriptor: Descriptor;
  open(): Readable;
}

export const store = (document: unknown, mediaType: string): StoredDocument =>
  storeBytes(Buffer.from(JSON.stringify(document)), mediaType);

export function storeBytes(bytes: Buffer, mediaType: string): StoredDocument {
  const descriptor = { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
  return { bytes, descriptor, open: () => Readable.from([bytes]) };
}

export interface ManifestParts {
  config: Descriptor;
  layers: readonly Descriptor[];
  compressor: string;
  annotations: Record<string, string>;
}

/** The manifest of an image. Labels are annotations too: registries show those. */
export function imageManifest(parts: ManifestParts): StoredManifest {
  const document: ImageManifestDocument = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: parts.config,
    layers: [...parts.layers],
    annotations: sorted({ [COMPRESSOR]: parts.compressor, ...parts.annotations }),
  };
  return asManifest(store(document, MEDIA.manifest));
}

export const asManifest = ({ bytes, descriptor }: StoredDocument): StoredManifest => ({
  bytes,
  mediaType: descriptor.mediaType,
  digest: descriptor.digest,
});
