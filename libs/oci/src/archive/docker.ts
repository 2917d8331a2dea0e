import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { digestOf } from '../digest.ts';
import { readSmall } from '../layout/document.ts';
import { type Descriptor, MEDIA } from '../model.ts';
import type { StoredManifest } from '../transport.ts';

interface DockerEntry {
  /** Paths in the archive. */
  Config: string;
  Layers: string[];
  RepoTags?: string[] | null;
}

export interface DockerImage {
  manifest: StoredManifest;
  blobs: { descriptor: Descriptor; path: string }[];
}

/**
 * The image in an unpacked archive of `docker save`, by its manifest.json.
 * @param tag `NAME:TAG`; without it the only image
 */
export async function dockerImage(files: string, tag: string | undefined, where: string): Promise<DockerImage> {
  const { Config, Layers } = theEntry(entries(files, where), tag, where);
  const config = await describe(files, Config, () => MEDIA.config, where);
  const layers = [];
  for (const layer of Layers) layers.push(await describe(files, layer, layerType, where));
  const document = {
    ...{ schemaVersion: 2, mediaType: MEDIA.manifest },
    ...{ config: config.descriptor, layers: layers.map((l) => l.descriptor) },
  };
  const bytes = Buffer.from(JSON.stringify(document));
  return { manifest: { bytes, mediaType: MEDIA.manifest, digest: digestOf(bytes) }, blobs: [...layers, config] };
}

function entries(files: string, where: string): DockerEntry[] {
  const bytes = readSmall(join(files, 'manifest.json'));
  if (bytes === undefined) throw bad(where, 'it has no manifest.json');
  try {
    const list = JSON.parse(bytes.toString('utf8')) as unknown;
    if (Array.isArray(list) && list.every(isEntry)) return list;
  } catch {} // said below
  throw bad(where, 'its manifest.json does not list images');
}

const isEntry = (value: unknown): value is DockerEntry => {
  const { Config, Layers } = (value ?? {}) as Partial<DockerEntry>;
  return isInside(Config) && Array.isArray(Layers) && Layers.every(isInside);
};

const isInside = (path: unknown): boolean =>
  typeof path === 'string' && !path.startsWith('/') && !path.split('/').includes('..');

function theEntry(list: DockerEntry[], tag: string | undefined, where: string): DockerEntry {
  const found =
    tag === undefined ? list : list.filter((e) => e.RepoTags?.some((t) => t === tag || t.endsWith(`/${tag}`)));
  if (found.length === 1) return found[0] as DockerEntry;
  const names = list.flatMap((e) => e.RepoTags ?? []);
  throw new AotError(
    'noInput',
    `cannot read '${where}': ${found.length > 1 ? 'it has several images' : 'it has no such image'}`,
    {
      code: 'no-image',
      hint: names.length > 0 ? `it has ${names.join(', ')}` : undefined,
    },
  );
}

async function describe(files: string, name: string, typeOf: (path: string) => string, where: string) {
  const path = join(files, name);
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      size += chunk.length;
      hash.update(chunk);
    }
  } catch {
    throw bad(where, `it has no file '${name}'`);
  }
  return { path, descriptor: { mediaType: typeOf(path), digest: `sha256:${hash.digest('hex')}`, size } };
}

function layerType(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const magic = Buffer.alloc(4);
    readSync(fd, magic);
    if (magic.readUInt16BE() === 0x1f8b) return MEDIA.layerGzip;
    return magic.readUInt32BE() === 0x28b52ffd ? MEDIA.layerZstd : MEDIA.layer;
  } finally {
    closeSync(fd);
  }
}

const bad = (where: string, why: string): AotError =>
  new AotError('data', `cannot read '${where}': ${why}`, { code: 'bad-archive' });
