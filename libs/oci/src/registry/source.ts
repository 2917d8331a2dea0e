import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AotError } from '@apt-ostree/errors';
import { HttpError, pause } from '@apt-ostree/http';
import { digestOf, verified } from '../digest.ts';
import { mediaTypeOf } from '../layout/source.ts';
import { type Descriptor, MEDIA } from '../model.ts';
import { formatImageReference } from '../reference.ts';
import type { ImageSource, StoredManifest } from '../transport.ts';
import { MOST_BYTES } from '../validate.ts';
import type { RegistryClient } from './client.ts';
import { type Answer, discard, readAll } from './connection.ts';

const ACCEPT = [MEDIA.manifest, MEDIA.index, MEDIA.dockerManifest, MEDIA.dockerList].join(', ');

/** An image in a registry. */
export function registrySource(client: RegistryClient): ImageSource {
  const where = formatImageReference(client.reference);
  return {
    manifest: (digest) => readManifest(client, digest, where),
    blob: async (descriptor) => verified(blobBytes(client, descriptor), descriptor, where),
    close: () => client.close(),
  };
}

async function readManifest(
  client: RegistryClient,
  wanted: string | undefined,
  where: string,
): Promise<StoredManifest> {
  const { tag, digest: named } = client.reference;
  const expected = wanted ?? named;
  const path = `manifests/${expected ?? tag ?? 'latest'}`;
  const answer = await client.ask(path, () => ({ method: 'GET', headers: { accept: ACCEPT } }));
  if (answer.status !== 200) throw client.unexpected(answer);
  const promised = expected ?? answer.headers['docker-content-digest'];
  const bytes = await client.explaining(() => readAll(answer, MOST_BYTES));
  const digest = digestOf(bytes);
  if (promised !== undefined && promised !== digest)
    throw new AotError(
      'data',
      `cannot verify the manifest of '${where}': its digest is '${digest}', not '${promised}'`,
      {
        code: 'wrong-digest',
      },
    );
  const mediaType = answer.headers['content-type']?.split(';')[0]?.trim();
  return { bytes, digest, mediaType: mediaType?.includes('manifest') ? mediaType : mediaTypeOf(bytes) };
}

/** The bytes of a blob; a transfer that breaks goes on where it stopped. */
function blobBytes(client: RegistryClient, { digest, size }: Descriptor): Readable {
  return Readable.from(
    (async function* () {
      let seen = 0;
      for (let failures = 0; ; ) {
        const before = seen;
        try {
          for await (const chunk of await bytesFrom(client, digest, seen)) {
            seen += chunk.length;
            yield chunk;
            if (seen > size) return; // more than it has: the reader says so
          }
          return;
        } catch (error) {
          client.signal.throwIfAborted();
          failures = seen > before ? 1 : failures + 1;
          if (!(error instanceof HttpError && error.passing) || failures > client.retries) throw error;
          await sleep(pause(failures, error.retryAfter), undefined, { signal: client.signal });
        }
      }
    })(),
    { objectMode: false },
  );
}

async function bytesFrom(client: RegistryClient, digest: string, start: number): Promise<AsyncIterable<Buffer>> {
  const headers: Record<string, string> = start === 0 ? {} : { range: `bytes=${start}-` };
  const answer = await client.ask(`blobs/${digest}`, () => ({ method: 'GET', headers }));
  if (answer.status === 206 && start > 0) return answer.body;
  if (answer.status === 200) return start === 0 ? answer.body : without(answer, start);
  throw client.unexpected(answer);
}

/** What follows, of a server that sends everything whatever range was asked for. */
async function* without(answer: Answer, start: number): AsyncIterable<Buffer> {
  let left = start;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      if (chunk.length > left) yield chunk.subarray(left);
      left = Math.max(0, left - chunk.length);
    }
  } finally {
    discard(answer);
  }
}
