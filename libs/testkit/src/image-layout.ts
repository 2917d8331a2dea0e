import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { hashFile } from '@apt-ostree/run';
import { collect } from './compress.ts';
import { type TarEntry, tar } from './tar.ts';

/** An image as it is to stand in a layout, sane or not. */
export interface ImageSpec {
  /** The lowest first; members, an archive that is made already, or one in a file, which stays uncompressed and is taken away. */
  layers: readonly (readonly TarEntry[] | Uint8Array | { archive: string })[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  architecture?: string;
  created?: string;
  tag?: string;
  /** Changes blobs once their digests are taken, by their place among the layers. */
  damage?: (blob: Buffer, layer: number) => Buffer;
  /** Changes the documents before their digests are taken. */
  edit?: (documents: { manifest: Record<string, unknown>; config: Record<string, unknown> }) => void;
}

export interface MadeImage {
  /** As `oci:DIR:TAG`. */
  reference: string;
  /** Of the manifest. */
  digest: string;
  layers: { digest: string; diffId: string; size: number }[];
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Writes an image layout (image specification, "OCI Image Layout") into a directory; one that is there gets the image too. */
export async function imageLayout(directory: string, spec: ImageSpec): Promise<MadeImage> {
  const blobs = join(directory, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Uint8Array, written = bytes): { digest: string; size: number } => {
    const digest = digestOf(bytes);
    writeFileSync(join(blobs, digest.slice('sha256:'.length)), written);
    return { digest, size: bytes.length };
  };
  const layers: LayerBlob[] = [];
  for (const [i, layer] of spec.layers.entries()) {
    if ('archive' in layer) {
      layers.push(await moveInto(blobs, layer.archive));
      continue;
    }
    const archive = layer instanceof Uint8Array ? layer : await collect(Readable.from(tar(layer)));
    const blob = gzipSync(archive, { level: 1 });
    layers.push({ ...put(blob, spec.damage?.(Buffer.from(blob), i)), diffId: digestOf(archive), mediaType: GZIP });
  }
  const config: Record<string, unknown> = {
    ...(spec.created === undefined ? {} : { created: spec.created }),
    architecture: spec.architecture ?? goArchitecture(),
    os: 'linux',
    config: { Labels: spec.labels ?? { 'containers.bootc': '1' } },
    rootfs: { type: 'layers', diff_ids: layers.map((l) => l.diffId) },
  };
  const manifest: Record<string, unknown> = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
  };
  spec.edit?.({ manifest, config });
  const configType = 'application/vnd.oci.image.config.v1+json';
  const described = { mediaType: configType, ...put(Buffer.from(JSON.stringify(config))) };
  const stored = put(Buffer.from(JSON.stringify({ config: described, ...manifest })));
  const tag = spec.tag ?? 'latest';
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const index = { schemaVersion: 2, manifests: [{ mediaType: manifest['mediaType'], ...stored, annotations }] };
  writeFileSync(join(directory, 'index.json'), JSON.stringify(index));
  return {
    reference: `oci:${directory}:${tag}`,
    digest: stored.digest,
    layers: layers.map(({ mediaType: _, ...rest }) => rest),
  };
}

interface LayerBlob {
  mediaType: string;
  digest: string;
  diffId: string;
  size: number;
}

const TAR = 'application/vnd.oci.image.layer.v1.tar';
const GZIP = `${TAR}+gzip`;

async function moveInto(blobs: string, archive: string): Promise<LayerBlob> {
  const digest = `sha256:${await hashFile(archive)}`;
  const size = statSync(archive).size;
  renameSync(archive, join(blobs, digest.slice('sha256:'.length)));
  return { mediaType: TAR, digest, diffId: digest, size };
}

/** Of this machine, as images name it. */
export const goArchitecture = (): string => ({ x64: 'amd64' })[process.arch as string] ?? process.arch;
