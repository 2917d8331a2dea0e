import { createWriteStream, existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { explain } from '@apt-ostree/errors';
import { makeDirectories, sweep, type TemporaryDirectory, temporaryDirectory } from '@apt-ostree/run';
import { hexOf, verified } from '../digest.ts';
import { type Descriptor, type ImageIndexDocument, MEDIA } from '../model.ts';
import type { ImageDestination, StoredManifest } from '../transport.ts';
import { artifactOf } from './artifact.ts';
import { blobPath, REF_NAME, readIndex } from './document.ts';

const LAYOUT = '{"imageLayoutVersion":"1.0.0"}';

/**
 * An image to be written into an OCI image layout, which is made where there is none. Other images of it stay; one of the
 * same tag is replaced.
 * @param where the layout as the user named it, for messages
 */
export async function makeLayout(
  directory: string,
  tag: string | undefined,
  where: string,
  signal?: AbortSignal,
): Promise<ImageDestination> {
  const what = `cannot write '${where}'`;
  makeDirectories(join(directory, 'blobs', 'sha256'), { what });
  await sweep(directory);
  return new LayoutDestination(directory, tag, where, await temporaryDirectory(directory), signal);
}

class LayoutDestination implements ImageDestination {
  readonly #directory: string;
  readonly #tag: string | undefined;
  readonly #where: string;
  readonly #temporary: TemporaryDirectory;
  readonly #signal: AbortSignal | undefined;
  readonly #attached: Descriptor[] = [];

  constructor(
    directory: string,
    tag: string | undefined,
    where: string,
    temporary: TemporaryDirectory,
    signal: AbortSignal | undefined,
  ) {
    this.#directory = directory;
    this.#tag = tag;
    this.#where = where;
    this.#temporary = temporary;
    this.#signal = signal;
  }

  async has({ digest, size }: Descriptor): Promise<boolean> {
    return statSync(blobPath(this.#directory, digest), { throwIfNoEntry: false })?.size === size;
  }

  async put(descriptor: Descriptor, open: () => Readable): Promise<void> {
    const temporary = join(this.#temporary.path, hexOf(descriptor.digest));
    const options = this.#signal === undefined ? {} : { signal: this.#signal };
    try {
      await pipeline(verified(open(), descriptor, this.#where), createWriteStream(temporary), options);
      renameSync(temporary, blobPath(this.#directory, descriptor.digest));
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async attach(manifest: StoredManifest): Promise<void> {
    this.#writeManifest(manifest);
    const descriptor = artifactOf(manifest);
    if (descriptor !== undefined) this.#attached.push(descriptor);
  }

  async publish(manifest: StoredManifest): Promise<void> {
    this.#writeManifest(manifest);
    const named = { ...describe(manifest), ...(this.#tag ? { annotations: { [REF_NAME]: this.#tag } } : {}) };
    if (!existsSync(join(this.#directory, 'oci-layout'))) this.#write('oci-layout', LAYOUT);
    this.#write('index.json', JSON.stringify(this.#indexWith(named)));
  }

  close(): Promise<void> {
    return this.#temporary.remove();
  }

  #indexWith(named: Descriptor): ImageIndexDocument {
    const before = readIndex(this.#directory);
    const isReplaced = (m: Descriptor) =>
      m.digest === named.digest
        ? m.annotations?.[REF_NAME] === undefined || m.annotations[REF_NAME] === this.#tag
        : m.artifactType === undefined && m.annotations?.[REF_NAME] === this.#tag;
    const attached = this.#attached.map((a) => a.digest);
    const kept = (before?.manifests ?? []).filter((m) => !isReplaced(m) && !attached.includes(m.digest));
    return { schemaVersion: 2, mediaType: MEDIA.index, ...before, manifests: [...kept, named, ...this.#attached] };
  }

  #writeManifest({ bytes, digest }: StoredManifest): void {
    this.#write(join('blobs', 'sha256', hexOf(digest)), bytes);
  }

  #write(name: string, bytes: Buffer | string): void {
    const temporary = join(this.#temporary.path, 'document');
    try {
      writeFileSync(temporary, bytes);
      renameSync(temporary, join(this.#directory, name));
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): unknown {
    return explain(error, `cannot write '${this.#where}'`);
  }
}

const describe = ({ bytes, mediaType, digest }: StoredManifest): Descriptor => ({
  mediaType,
  digest,
  size: bytes.length,
});
