import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fullDisk, imageLayout, temporary } from '@apt-ostree/testkit';
import { answer, type FakeRegistry, type Fault, fakeRegistry } from '@apt-ostree/testkit/fake-registry';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { digestOf, MEDIA, openDestination, parseImageReference, type TransportOptions } from '../src/index.ts';
import { copyImage } from './copy-image.ts';
import { login } from './logins-lab.ts';

const options = { signal: new AbortController().signal, retryTimes: 1 };
/** Larger than what a socket holds, so that a transfer can be cut in its middle. */
const LAYER = randomBytes(3_000_000);

let directory: string;
let image: { reference: string; digest: string; layers: { digest: string; size: number }[] };
beforeEach(async () => {
  directory = temporary();
  image = await imageLayout(join(directory, 'image'), { layers: [LAYER], tag: 'a' });
});

const there = (registry: FakeRegistry, name = 'team/os:1') => parseImageReference(`registry:${registry.host}/${name}`);
const back = () => parseImageReference(`oci:${join(directory, 'back')}:b`);
const layer = () => image.layers[0] as { digest: string; size: number };

const push = (registry: FakeRegistry, further?: Partial<TransportOptions>) =>
  copyImage(parseImageReference(image.reference), there(registry), { ...options, ...further });
const pull = (registry: FakeRegistry, further?: Partial<TransportOptions>) =>
  copyImage(there(registry), back(), { ...options, ...further });

/** A registry that has the image, and from then on a fault. */
async function withImage(fault?: Fault): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  await push(registry);
  registry.seen.length = 0;
  if (fault) registry.fault = fault;
  return registry;
}

/** The image is not there, nor anything half of it. */
function expectNothing(): void {
  const top = join(directory, 'back');
  expect(existsSync(join(top, 'index.json'))).toBe(false);
  for (const name of existsSync(top) ? readdirSync(join(top, 'blobs/sha256')) : [])
    expect(digestOf(readFileSync(join(top, 'blobs/sha256', name)))).toBe(`sha256:${name}`);
  expect((existsSync(top) ? readdirSync(top) : []).filter((n) => n.startsWith('aot-tmp.'))).toEqual([]);
}

const isLayer = (path: string) => path.includes(`/blobs/${layer().digest}`);
const sendsLayer = (bytes: Buffer, length = bytes.length): Fault => {
  return ({ path }, response) => {
    if (!isLayer(path)) return false;
    response.writeHead(200, { 'content-length': length });
    response.end(bytes);
    return true;
  };
};

test('what is pushed can be pulled, byte for byte', async () => {
  const registry = await withImage();
  expect(await pull(registry)).toBe(image.digest);
  expect(await push(registry)).toBe(image.digest);
  expect(registry.seen.filter((r) => r.method === 'PATCH')).toEqual([]); // it has all
});

describe('answers that refuse', () => {
  test.each([
    [401, { code: 'denied', exit: 1, hint: expect.stringContaining('there is no login for') }],
    [403, { code: 'denied', exit: 1 }],
    [404, { code: 'no-image', exit: 66 }],
    [400, { exit: 69 }],
  ])('%i', async (status, error) => {
    const registry = await withImage((_, response) => answer(response, status));
    await expect(pull(registry)).rejects.toMatchObject(error);
    expect(registry.seen.filter((r) => r.path.includes('manifests')).length).toBe(1); // nothing is gained by asking again
    expectNothing();
  });

  test.each([429, 500, 503])('%i passes, or does not', async (status) => {
    let left = 1;
    const registry = await withImage((_, response) => left-- > 0 && answer(response, status, { 'retry-after': 0 }));
    expect(await pull(registry)).toBe(image.digest);
    registry.fault = (_, response) => answer(response, status);
    await expect(pull(registry)).rejects.toMatchObject({
      exit: 69,
      message: `cannot read 'registry:${registry.host}/team/os:1': the registry answered ${status}`,
    });
  });

  test('Retry-After is heeded', async () => {
    let left = 1;
    const registry = await withImage(
      ({ path }, response) => isLayer(path) && left-- > 0 && answer(response, 429, { 'retry-after': 1 }),
    );
    const start = Date.now();
    await pull(registry);
    expect(Date.now() - start).toBeGreaterThanOrEqual(990);
  });

  test('nobody listens', async () => {
    const reference = parseImageReference('registry:127.0.0.1:1/os:1');
    await expect(copyImage(reference, back(), options)).rejects.toMatchObject({
      exit: 69,
      message: /connection refused/,
    });
  });
});

describe('a transfer that breaks', () => {
  const cut =
    (times: number, honest = true): Fault =>
    ({ path, headers }, response) => {
      if (!isLayer(path) || times-- <= 0) return false;
      const start = honest ? Number(/\d+/.exec(headers.range ?? '0')?.[0]) : 0;
      response.writeHead(start === 0 ? 200 : 206, {
        'content-length': layer().size - start,
        ...(start === 0 ? {} : { 'content-range': `bytes ${start}-${layer().size - 1}/${layer().size}` }),
      });
      const bytes = readFileSync(join(directory, 'image/blobs/sha256', layer().digest.slice(7)));
      response.write(bytes.subarray(start, start + 1_000_000), () => setTimeout(() => response.destroy(), 50));
      return true;
    };

  test('goes on where it stopped', async () => {
    const registry = await withImage(cut(1));
    expect(await pull(registry)).toBe(image.digest);
    const ranges = registry.seen.filter((r) => isLayer(r.path)).map((r) => r.headers.range);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  test('begins anew where the registry does not do parts', async () => {
    const registry = await withImage(cut(1));
    const cutter = registry.fault;
    const all = registry.blobs.get(layer().digest) as Buffer;
    registry.fault = (request, response, incoming) =>
      cutter(request, response, incoming) || (isLayer(request.path) && sendsLayer(all)(request, response, incoming));
    expect(await pull(registry)).toBe(image.digest);
  });

  test('is an error in the end, and leaves nothing half', async () => {
    const registry = await withImage(({ path }, response) => {
      if (!isLayer(path)) return false;
      response.writeHead(200, { 'content-length': layer().size }).write('x', () => response.destroy());
      return true;
    });
    await expect(pull(registry)).rejects.toMatchObject({ exit: 69, message: /^cannot read 'registry:/ });
    expectNothing();
  });

  test('an answer with another range does not count', async () => {
    const registry = await withImage(cut(1));
    const cutter = registry.fault;
    registry.fault = (request, response, incoming) =>
      cutter(request, response, incoming) ||
      (isLayer(request.path) && answer(response, 206, { 'content-range': `bytes 5-9/${layer().size}` }));
    await expect(pull(registry)).rejects.toMatchObject({ exit: 69, message: /another range than was asked for/ });
    expectNothing();
  });

  test('an upload goes on where the registry says', async () => {
    let left = 1;
    const isOfLayer = ({ headers }: IncomingMessage) => Number(headers['content-length']) === layer().size;
    const registry = await fakeRegistry(({ method }, _, incoming) => {
      if (method === 'PATCH' && isOfLayer(incoming) && left-- > 0) {
        let seen = 0;
        incoming.on('data', (chunk: Buffer) => {
          seen += chunk.length;
          if (seen > 500_000) incoming.destroy();
        });
      }
      return false;
    });
    expect(await push(registry)).toBe(image.digest);
    expect(registry.blobs.get(layer().digest)?.length).toBe(layer().size);
    const sent = registry.seen.filter((r) => r.method === 'PATCH').map((r) => r.headers['content-range']);
    expect(sent.some((range) => range !== undefined && !range.startsWith('0-'))).toBe(true);
  });

  test('an upload that the registry has given up begins anew', async () => {
    let left = 1;
    const registry = await fakeRegistry(({ method, path }, response) => {
      if (method === 'GET' && path.includes('uploads')) return answer(response, 404);
      return method === 'PATCH' && left-- > 0 && answer(response, 500);
    });
    expect(await push(registry)).toBe(image.digest);
  });
});

describe('a registry that lies', () => {
  test.each([
    ['more bytes', (b: Buffer) => Buffer.concat([b, Buffer.from('x')])],
    ['fewer bytes', (b: Buffer) => b.subarray(1)],
    ['other bytes', (b: Buffer) => Buffer.concat([Buffer.from([b.readUInt8() ^ 1]), b.subarray(1)])],
  ])('%s', async (_, change) => {
    const registry = await withImage();
    registry.fault = sendsLayer(change(registry.blobs.get(layer().digest) as Buffer));
    await expect(pull(registry)).rejects.toMatchObject({ exit: 65, code: 'wrong-digest' });
    expectNothing();
  });

  test('another digest than it says', async () => {
    const registry = await withImage();
    const { bytes } = registry.manifests.get('1') as { bytes: Buffer };
    registry.fault = ({ path }, response) => {
      if (!path.includes('manifests')) return false;
      response.writeHead(200, { 'docker-content-digest': layer().digest }).end(bytes);
      return true;
    };
    await expect(pull(registry)).rejects.toMatchObject({ exit: 65, code: 'wrong-digest' });
  });

  test('another manifest than was asked for', async () => {
    const registry = await withImage(({ path }, response) => {
      if (!path.includes('manifests')) return false;
      response.writeHead(200, { 'content-type': MEDIA.manifest }).end('{"schemaVersion":2}');
      return true;
    });
    const byDigest = there(registry, `team/os@${image.digest}`);
    await expect(copyImage(byDigest, back(), options)).rejects.toMatchObject({ exit: 65, code: 'wrong-digest' });
    await expect(pull(registry)).rejects.toMatchObject({ exit: 65, code: 'bad-image' });
    expectNothing();
  });

  test('a manifest without end', async () => {
    const registry = await withImage((_, response) => {
      response.writeHead(200, { 'content-type': MEDIA.manifest });
      response.on('error', () => {});
      const more = () => response.write(Buffer.alloc(65536, ' '), (error) => !error && more());
      more();
      return true;
    });
    await expect(pull(registry)).rejects.toMatchObject({ message: /has more than 4194304 bytes/ });
  });

  test('a blob that it refuses', async () => {
    const registry = await fakeRegistry(({ method }, response) => {
      if (method !== 'PUT') return false;
      response.writeHead(400).end('{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]}');
      return true;
    });
    await expect(push(registry)).rejects.toMatchObject({ code: 'refused', message: /provided digest did not match$/ });
    expect(registry.manifests.size).toBe(0);
  });

  test('one that opens no upload, or does not say where', async () => {
    const registry = await fakeRegistry(({ method }, response) => method === 'POST' && answer(response, 202));
    await expect(push(registry)).rejects.toMatchObject({ message: /does not say where an upload goes on/ });
  });
});

describe('redirections', () => {
  test('are followed, without the login on another host', async () => {
    const store = await withImage();
    const registry = await fakeRegistry(({ path, headers }, response) => {
      if (headers.authorization === undefined) return answer(response, 401, { 'www-authenticate': 'Basic realm="x"' });
      return answer(response, 307, { location: `http://${store.host}${path}` });
    });
    const { authfile } = login(registry.host, 'me:s3cret');
    expect(await pull(registry, { authfile })).toBe(image.digest);
    expect(registry.seen.some((r) => r.headers.authorization !== undefined)).toBe(true);
    expect(store.seen.some((r) => r.headers.authorization !== undefined)).toBe(false);
  });

  test('end', async () => {
    const registry = await withImage((_, response) => answer(response, 302, { location: '/v2/again' }));
    await expect(pull(registry)).rejects.toMatchObject({ exit: 69, message: /more than 10 redirections/ });
    registry.fault = (_, response) => answer(response, 302, { location: 'file:///etc/passwd' });
    await expect(pull(registry)).rejects.toMatchObject({ message: /redirects \(302\) from http: to file:/ });
  });
});

test('a full disk', async () => {
  const disk = await fullDisk(2);
  onTestFinished(() => disk.close());
  const to = join(disk.outside, 'back');
  const registry = await withImage();
  await expect(copyImage(there(registry), parseImageReference(`oci:${to}`), options)).rejects.toMatchObject({
    exit: 74,
    message: /no space left on device/,
  });
  expect(existsSync(join(to, 'index.json'))).toBe(false);
  expect(readdirSync(to).filter((n) => n.startsWith('aot-tmp.'))).toEqual([]);
});

test('an index of several architectures goes and comes whole', async () => {
  const registry = await withImage();
  const second = await imageLayout(join(directory, 'second'), { layers: [LAYER], tag: 'b', architecture: 'riscv64' });
  await copyImage(parseImageReference(second.reference), there(registry, 'team/os:2'));
  const manifests = ['1', '2'].map((tag) => {
    const { bytes, mediaType } = registry.manifests.get(tag) as { bytes: Buffer; mediaType: string };
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  });
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests }));
  const destination = await openDestination(there(registry, 'team/os:all'), options);
  await destination.publish({ bytes, mediaType: MEDIA.index, digest: digestOf(bytes) });
  await destination.close();

  expect(await copyImage(there(registry, 'team/os:all'), back())).toBe(digestOf(bytes));
  const other = await fakeRegistry();
  expect(await copyImage(back(), there(other))).toBe(digestOf(bytes));
  expect([...other.manifests.keys()].sort()).toEqual(['1', digestOf(bytes), ...manifests.map((m) => m.digest)].sort());
});

describe('what says something about an image', () => {
  const artifact = () => {
    const config = { mediaType: MEDIA.empty, digest: digestOf('{}'), size: 2 };
    const subject = { mediaType: MEDIA.manifest, digest: image.digest, size: 1 };
    const document = { schemaVersion: 2, mediaType: MEDIA.manifest, artifactType: 'application/spdx+json' };
    const bytes = Buffer.from(JSON.stringify({ ...document, config, layers: [config], subject }));
    return { bytes, mediaType: MEDIA.manifest, digest: digestOf(bytes) };
  };
  const attach = async (registry: FakeRegistry) => {
    const destination = await openDestination(there(registry), options);
    await destination.attach(artifact());
    await destination.close();
  };
  const list = (registry: FakeRegistry) => registry.manifests.get(`sha256-${image.digest.slice(7)}`);

  test('is listed under the tag for it, once', async () => {
    const registry = await withImage();
    for (const _ of [1, 2]) await attach(registry);
    expect(JSON.parse(String(list(registry)?.bytes)).manifests).toEqual([
      expect.objectContaining({ digest: artifact().digest, artifactType: 'application/spdx+json' }),
    ]);
  });

  test('is not, where the registry keeps the list', async () => {
    const registry = await withImage(({ method, path }, response) => {
      if (method !== 'PUT' || !path.includes('manifests')) return false;
      return answer(response, 201, { 'oci-subject': image.digest });
    });
    await attach(registry);
    expect(list(registry)).toBe(undefined);
  });
});
