import { createReadStream, createWriteStream, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AotError, explain } from '@apt-ostree/errors';
import { sweep, type TemporaryDirectory, temporaryDirectory } from '@apt-ostree/run';
import { type Pack, pack } from 'tar-stream';
import { hexOf } from '../digest.ts';
import { makeLayout } from '../layout/destination.ts';
import { blobPath } from '../layout/document.ts';
import { type Descriptor, MEDIA } from '../model.ts';
import type { ImageDestination, StoredManifest } from '../transport.ts';
import { parseManifestDocument } from '../validate.ts';

/**
 * An image to be written into an archive, which is made anew. Blobs wait in a layout beside it; the archive gets its name
 * when it is whole.
 */
export async function makeArchive(
  form: 'oci-archive' | 'docker-archive',
  path: string,
  tag: string | undefined,
  where: string,
  signal: AbortSignal,
): Promise<ImageDestination> {
  const beside = dirname(resolve(path));
  await sweep(beside);
  const temporary = await temporaryDirectory(beside);
  const layout = join(temporary.path, 'layout');
  const inner = await makeLayout(layout, form === 'oci-archive' ? tag : undefined, where, signal);
  return new ArchiveDestination({ form, path, tag, where, signal }, temporary, layout, inner);
}

interface Request {
  form: 'oci-archive' | 'docker-archive';
  path: string;
  tag: string | undefined;
  where: string;
  signal: AbortSignal;
}

class ArchiveDestination implements ImageDestination {
  readonly #request: Request;
  readonly #temporary: TemporaryDirectory;
  readonly #layout: string;
  readonly #inner: ImageDestination;

  constructor(request: Request, temporary: TemporaryDirectory, layout: string, inner: ImageDestination) {
    this.#request = request;
    this.#temporary = temporary;
    this.#layout = layout;
    this.#inner = inner;
  }

  has(descriptor: Descriptor): Promise<boolean> {
    return this.#inner.has(descriptor);
  }

  put(descriptor: Descriptor, open: () => Readable): Promise<void> {
    return this.#inner.put(descriptor, open);
  }

  attach(manifest: StoredManifest): Promise<void> {
    return this.#inner.attach(manifest);
  }

  async publish(manifest: StoredManifest): Promise<void> {
    const { form, path, tag, where, signal } = this.#request;
    if (form === 'docker-archive') refuseForDocker(manifest, where);
    await this.#inner.publish(manifest);
    await this.#inner.close();
    const members = form === 'oci-archive' ? layoutMembers(this.#layout) : dockerMembers(this.#layout, manifest, tag);
    const whole = join(this.#temporary.path, 'archive');
    try {
      const archive = pack();
      await Promise.all([pipeline(archive, createWriteStream(whole), { signal }), write(archive, members)]);
      renameSync(whole, path);
    } catch (error) {
      rmSync(whole, { force: true });
      throw explain(error, `cannot write '${where}'`);
    }
  }

  close(): Promise<void> {
    return this.#temporary.remove();
  }
}

type Member = [name: string, content: string | { file: string }];

const layoutMembers = (layout: string): Member[] => [
  ...['oci-layout', 'index.json'].map((name): Member => [name, { file: join(layout, name) }]),
  ...readdirSync(join(layout, 'blobs/sha256'))
    .sort()
    .map((name): Member => [`blobs/sha256/${name}`, { file: join(layout, 'blobs/sha256', name) }]),
];

/** What `docker load` reads: a list of images with the names of their files. */
function dockerMembers(layout: string, manifest: StoredManifest, tag: string | undefined): Member[] {
  const { config, layers } = parseManifestDocument(manifest.bytes);
  const names = new Map(layers.map((l) => [l.digest, `${hexOf(l.digest)}.tar`]));
  const Config = `${hexOf(config.digest)}.json`;
  const list = [{ Config, RepoTags: tag === undefined ? [] : [tag], Layers: layers.map((l) => names.get(l.digest)) }];
  return [
    [Config, { file: blobPath(layout, config.digest) }],
    ...[...names].map(([digest, name]): Member => [name, { file: blobPath(layout, digest) }]),
    ['manifest.json', JSON.stringify(list)],
  ];
}

function refuseForDocker({ bytes }: StoredManifest, where: string): void {
  if (parseManifestDocument(bytes).layers.every((l) => l.mediaType !== MEDIA.layerZstd)) return;
  throw new AotError('usage', `cannot write '${where}': archives for docker cannot have layers of zstd`, {
    hint: 'choose gzip, or an oci-archive',
  });
}

async function write(archive: Pack, members: readonly Member[]): Promise<void> {
  for (const [name, content] of members) {
    const header = { name, mode: 0o644, mtime: new Date(0) };
    if (typeof content === 'string') {
      archive.entry(header, content);
      continue;
    }
    const entry = archive.entry({ ...header, size: statSync(content.file).size });
    await pipeline(createReadStream(content.file), entry);
  }
  archive.finalize();
}
