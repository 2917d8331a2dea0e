import type { Readable } from 'node:stream';
import { AotError } from '@apt-ostree/errors';
import { retrying } from '@apt-ostree/http';
import { hexOf, verified } from '../digest.ts';
import { artifactOf } from '../layout/artifact.ts';
import { type Descriptor, type ImageIndexDocument, MEDIA } from '../model.ts';
import { formatImageReference } from '../reference.ts';
import type { ImageDestination, StoredManifest } from '../transport.ts';
import { MOST_BYTES, parseIndex, parseManifestDocument } from '../validate.ts';
import type { RegistryClient } from './client.ts';
import { type Answer, discard, readAll } from './connection.ts';

/**
 * An image to be put into a registry.
 * @param mountFrom other repositories there that may have some of its blobs
 */
export class RegistryDestination implements ImageDestination {
  readonly #client: RegistryClient;
  readonly #where: string;
  readonly #mountFrom: readonly string[];

  constructor(client: RegistryClient, mountFrom: readonly string[] = []) {
    this.#client = client;
    this.#where = formatImageReference(client.reference);
    this.#mountFrom = mountFrom;
    for (const name of mountFrom) client.alsoFrom(name);
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    const answer = await this.#client.ask(`blobs/${digest}`, () => ({ method: 'HEAD' }));
    if (answer.status === 200) return discarded(answer, true);
    if (answer.status === 404) return discarded(answer, await this.#mounted(digest));
    throw this.#client.unexpected(answer);
  }

  async put(descriptor: Descriptor, open: () => Readable): Promise<void> {
    await this.#client.explaining(() => retrying(this.#client, () => this.#upload(descriptor, open)));
  }

  async attach(manifest: StoredManifest): Promise<void> {
    const answer = await this.#putManifest(manifest.digest, manifest);
    const { subject } = parsesAsImage(manifest) ? parseManifestDocument(manifest.bytes) : {};
    if (subject !== undefined && answer.headers['oci-subject'] === undefined) await this.#refer(subject, manifest);
  }

  async publish(manifest: StoredManifest): Promise<void> {
    const { tag, digest } = this.#client.reference;
    await this.#putManifest(tag ?? digest ?? 'latest', manifest);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** Takes a blob over from a repository that has it. A registry that does not do so opens an upload, which is left to it. */
  async #mounted(digest: string): Promise<boolean> {
    for (const from of this.#mountFrom) {
      const query = new URLSearchParams({ mount: digest, from });
      const answer = await this.#client.ask(`blobs/uploads/?${query}`, post);
      discard(answer);
      if (answer.status === 201) return true;
    }
    return false;
  }

  /** One upload: all bytes in one request, then its end. One that broke is begun anew. */
  async #upload(descriptor: Descriptor, open: () => Readable): Promise<void> {
    const begun = await this.#client.once('blobs/uploads/', post);
    if (begun.status !== 202) throw this.#client.unexpected(begun);
    discard(begun);
    const sent = await this.#send(this.#next(begun), descriptor, open);
    const end = this.#next(sent);
    end.searchParams.set('digest', descriptor.digest);
    const ended = await this.#client.once(end, () => ({ method: 'PUT', headers: { 'content-length': '0' } }));
    if (ended.status !== 201) throw await this.#refused(ended, `blob '${descriptor.digest}'`);
    discard(ended);
  }

  async #send(to: URL, descriptor: Descriptor, open: () => Readable): Promise<Answer> {
    const answer = await this.#client.once(to, () => ({
      method: 'PATCH',
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(descriptor.size),
        ...(descriptor.size === 0 ? {} : { 'content-range': `0-${descriptor.size - 1}` }),
      },
      body: verified(open(), descriptor, this.#where),
    }));
    if (![202, 204].includes(answer.status)) throw await this.#refused(answer, `blob '${descriptor.digest}'`);
    discard(answer);
    return answer;
  }

  /** Where an upload goes on: the registry says so with every answer. */
  #next({ headers, url }: Answer): URL {
    const location = headers['location'];
    if (location === undefined || !URL.canParse(location, url.href))
      throw new AotError(
        'unavailable',
        `cannot write '${this.#where}': the registry does not say where an upload goes on`,
      );
    return new URL(location, url);
  }

  async #putManifest(name: string, { bytes, mediaType, digest }: StoredManifest): Promise<Answer> {
    const headers = { 'content-type': mediaType };
    const answer = await this.#client.ask(`manifests/${name}`, () => ({ method: 'PUT', headers, body: bytes }));
    if (answer.status !== 201) throw await this.#refused(answer, `manifest '${digest}'`);
    discard(answer);
    return answer;
  }

  /** Lists what says something of another under a tag made of that one's digest, for registries that keep no such list. */
  async #refer(subject: Descriptor, manifest: StoredManifest): Promise<void> {
    const tag = `sha256-${hexOf(subject.digest)}`;
    const before = await this.#client.ask(`manifests/${tag}`, () => ({
      method: 'GET',
      headers: { accept: MEDIA.index },
    }));
    const index: ImageIndexDocument =
      before.status === 200
        ? parseIndex(await readAll(before, MOST_BYTES))
        : discarded(before, { schemaVersion: 2, mediaType: MEDIA.index, manifests: [] });
    const others = index.manifests.filter((m) => m.digest !== manifest.digest);
    const manifests = [...others, artifactOf(manifest) as Descriptor];
    const bytes = Buffer.from(JSON.stringify({ ...index, manifests }));
    await this.#putManifest(tag, { bytes, mediaType: MEDIA.index, digest: '' });
  }

  async #refused(answer: Answer, what: string): Promise<AotError> {
    const text = (await readAll(answer, MOST_BYTES).catch(() => Buffer.alloc(0))).toString('utf8');
    const reason = /"message"\s*:\s*"([^"\n]{1,200})"/.exec(text)?.[1];
    const said = reason === undefined ? '' : `: ${reason}`;
    return new AotError(
      'failed',
      `cannot write '${this.#where}': the registry refuses ${what} (${answer.status})${said}`,
      {
        code: 'refused',
      },
    );
  }
}

const post = () => ({ method: 'POST' as const, headers: { 'content-length': '0' } });

const parsesAsImage = ({ mediaType }: StoredManifest): boolean => mediaType === MEDIA.manifest;

function discarded<T>(answer: Answer, value: T): T {
  discard(answer);
  return value;
}
