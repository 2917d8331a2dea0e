import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestOf as digestOfBytes,
  type ImageReference,
  MEDIA,
  openDestination,
  openSource,
  parseImageReference,
  readAndClose,
} from '@apt-ostree/oci';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyImage, transfer } from '../../libs/oci/test/copy-image.ts';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { scratch } from '../lib/scratch.ts';
import { type TokenServer, tokenServer } from '../lib/token-server.ts';

// Our client against Debian's registry, with skopeo and umoci to say what an image is and whether it came through.

const shared = scratch('registry');
let by: Judges;
/** Of the image that umoci made. */
let digest: string;
beforeAll(async () => {
  by = await judges(shared);
  await by.run('umoci', 'init', '--layout', `${SHARED}/image`);
  await by.run('umoci', 'new', '--image', `${SHARED}/image:a`);
  await by.run('umoci', 'insert', '--image', `${SHARED}/image:a`, '/usr/bin/umoci', '/umoci');
  await by.run('umoci', 'insert', '--image', `${SHARED}/image:a`, '/etc', '/etc');
  digest = await digestOf(`oci:${SHARED}/image:a`);
});

const digestOf = async (image: string, ...options: string[]): Promise<string> =>
  JSON.parse((await by.run('skopeo', 'inspect', ...options, image)).stdout).Digest;

const image = (): ImageReference => parseImageReference(`oci:${join(shared, 'image')}:a`);
const inRegistry = (registry: Registry, name = 'team/os:1') => parseImageReference(`registry:${registry.host}/${name}`);

function authfile(name: string, host: string, login: string): string {
  const path = join(shared, name);
  writeFileSync(path, JSON.stringify({ auths: { [host]: { auth: Buffer.from(login).toString('base64') } } }));
  return path;
}

describe('a registry that anybody may use', () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await by.registry();
  });
  afterAll(() => registry?.stop());

  test('has the image that was pushed, as skopeo sees it, and gives it back', async () => {
    expect(await copyImage(image(), inRegistry(registry))).toBe(digest);
    expect(await digestOf(`docker://${registry.host}/team/os:1`, '--tls-verify=false')).toBe(digest);
    expect(await copyImage(inRegistry(registry), parseImageReference(`oci:${join(shared, 'back')}:b`))).toBe(digest);
    await by.run('umoci', 'unpack', '--image', `${SHARED}/back:b`, `${SHARED}/unpacked`);
  });

  test('an image that skopeo pushed is the same to us', async () => {
    const to = `docker://${registry.host}/other/os:2`;
    const options = ['--insecure-policy', 'copy', '--dest-tls-verify=false'];
    await by.run('skopeo', ...options, `oci:${SHARED}/image:a`, to);
    const archive = `oci-archive:${join(shared, 'a.tar')}:c`;
    expect(await copyImage(inRegistry(registry, 'other/os:2'), parseImageReference(archive))).toBe(digest);
    expect(await digestOf(`oci-archive:${SHARED}/a.tar:c`)).toBe(digest);
  });

  test('blobs that another repository has are not sent again', async () => {
    await copyImage(image(), inRegistry(registry, 'first:1'));
    const destination = await openDestination(inRegistry(registry, 'second:1'), {
      signal: new AbortController().signal,
      mountFrom: ['first'],
    });
    const source = await openSource(image(), { signal: new AbortController().signal });
    const put = destination.put.bind(destination);
    let sent = 0;
    destination.put = (...args) => {
      sent++;
      return put(...args);
    };
    await transfer(source, destination);
    await destination.close();
    expect(sent).toBe(0);
    expect(await digestOf(`docker://${registry.host}/second:1`, '--tls-verify=false')).toBe(digest);
  });

  test('what it does not have', async () => {
    const back = parseImageReference(`oci:${join(shared, 'nothing')}`);
    await expect(copyImage(inRegistry(registry, 'none:1'), back)).rejects.toThrow(
      `cannot read 'registry:${registry.host}/none:1': there is no such image`,
    );
  });
});

test('an index of two architectures', async () => {
  const registry = await by.registry();
  await by.run('umoci', 'config', '--image', `${SHARED}/image:a`, '--tag', 'b', '--architecture', 'riscv64');
  const index = parseImageReference(`oci:${join(shared, 'image')}:all`);
  const bytes = await indexOf('a', 'b');
  const destination = await openDestination(index, { signal: new AbortController().signal });
  await destination.publish({ bytes, mediaType: MEDIA.index, digest: digestOfBytes(bytes) });
  await destination.close();

  expect(await copyImage(index, inRegistry(registry, 'team/os:all'))).toBe(digestOfBytes(bytes));
  const there = `docker://${registry.host}/team/os:all`;
  const inspected = await by.run('skopeo', '--override-arch=riscv64', 'inspect', '--tls-verify=false', there);
  expect(JSON.parse(inspected.stdout)).toMatchObject({ Architecture: 'riscv64' });
  const all = ['--insecure-policy', 'copy', '--all', '--src-tls-verify=false'];
  await by.run('skopeo', ...all, there, `oci:${SHARED}/theirs-all:1`);
  for (const architecture of ['amd64', 'riscv64']) {
    const platform = { os: 'linux', architecture };
    const options = { signal: new AbortController().signal, transport: 'skopeo', tlsVerify: false, platform } as const;
    const source = await openSource(inRegistry(registry, 'team/os:all'), options);
    expect((await readAndClose(source, platform, there)).config.architecture).toBe(architecture);
  }
  expect(
    await copyImage(inRegistry(registry, 'team/os:all'), parseImageReference(`oci:${join(shared, 'ours-all')}`)),
  ).toBe(digestOfBytes(bytes));
  await registry.stop();
});

async function indexOf(...tags: string[]): Promise<Buffer> {
  const manifests = [];
  for (const tag of tags) {
    const reference = parseImageReference(`oci:${join(shared, 'image')}:${tag}`);
    const source = await openSource(reference, { signal: new AbortController().signal });
    const { bytes, mediaType, digest } = await source.manifest();
    const platform = { os: 'linux', architecture: tag === 'b' ? 'riscv64' : 'amd64' };
    manifests.push({ mediaType, digest, size: bytes.length, platform });
  }
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests }));
}

describe('a registry that asks for a login', () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await by.registry({ login: 'builder:s3cret' });
  });
  afterAll(() => registry?.stop());

  test('takes the right one', async () => {
    const file = authfile('right.json', registry.host, 'builder:s3cret');
    expect(await copyImage(image(), inRegistry(registry), { authfile: file })).toBe(digest);
    const options = [`--authfile=${SHARED}/right.json`, '--tls-verify=false'];
    expect(await digestOf(`docker://${registry.host}/team/os:1`, ...options)).toBe(digest);
  });

  test('a wrong one is refused, and not told to anybody', async () => {
    const file = authfile('wrong.json', registry.host, 'builder:s3kret');
    const error = await copyImage(image(), inRegistry(registry), { authfile: file }).catch((e) => e);
    expect(error).toMatchObject({ code: 'denied', exit: 1, hint: expect.stringContaining('wrong.json') });
    expect(error.message).toBe(`cannot write 'registry:${registry.host}/team/os:1': access denied (401)`);
    expect(JSON.stringify(error) + error.message + error.hint).not.toContain('s3kret');
  });

  test('none', async () => {
    const file = authfile('other.json', 'example.org', 'a:b');
    const error = await copyImage(inRegistry(registry), image(), { authfile: file }).catch((e) => e);
    expect(error).toMatchObject({ code: 'denied', hint: expect.stringContaining('there is no login') });
  });
});

describe('skopeo in place of our own client', () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await by.registry({ login: 'builder:s3cret' });
  });
  afterAll(() => registry?.stop());

  test('brings and fetches the same', async () => {
    const login = authfile('skopeo.json', registry.host, 'builder:s3cret');
    const options = { transport: 'skopeo' as const, authfile: login, tlsVerify: false };
    expect(await copyImage(image(), inRegistry(registry), options)).toBe(digest);
    expect(await copyImage(inRegistry(registry), image(), { authfile: login })).toBe(digest);
    const back = parseImageReference(`oci:${join(shared, 'by-skopeo')}`);
    expect(await copyImage(inRegistry(registry), back, options)).toBe(digest);
  });

  test("fetches what has Docker's manifest, with its digest", async () => {
    const login = authfile('skopeo-docker.json', registry.host, 'builder:s3cret');
    const words = ['copy', '--dest-tls-verify=false', `--dest-authfile=${SHARED}/skopeo-docker.json`, '--format=v2s2'];
    await by.run('skopeo', ...words, `oci:${SHARED}/image:a`, `docker://${registry.host}/docker/os:1`);
    const options = { signal: new AbortController().signal, authfile: login, tlsVerify: false };
    const [ours, theirs] = await Promise.all(
      (['own', 'skopeo'] as const).map(async (transport) => {
        const source = await openSource(inRegistry(registry, 'docker/os:1'), { ...options, transport });
        return readAndClose(source, { os: 'linux', architecture: 'amd64' }, 'docker/os:1');
      }),
    );
    expect(theirs?.stored).toEqual(ours?.stored);
    expect(theirs?.stored.mediaType).toBe(MEDIA.dockerManifest);
  });

  test('tells nobody the login either', async () => {
    const options = { transport: 'skopeo' as const, tlsVerify: false, retryTimes: 0 };
    const wrong = authfile('skopeo-wrong.json', registry.host, 'builder:s3kret');
    const error = await copyImage(image(), inRegistry(registry), { ...options, authfile: wrong }).catch((e) => e);
    expect(error.message).toContain(`cannot write 'registry:${registry.host}/team/os:1'`);
    expect(`${error.stack} ${error.hint}`).not.toContain('s3kret');
  });
});

describe('a registry that asks for tokens', () => {
  let registry: Registry;
  let tokens: TokenServer;
  beforeAll(async () => {
    tokens = await tokenServer(join(shared, 'tokens'), 'builder:s3cret');
    const auth = { realm: tokens.realm, service: 'test', issuer: 'test', rootcertbundle: `${SHARED}/tokens/cert.pem` };
    registry = await by.registry({ auth: { token: auth } });
  });
  afterAll(async () => {
    await registry?.stop();
    await tokens?.close();
  });

  test('takes what the right login pushes, and gives it to anybody', async () => {
    const file = authfile('token.json', registry.host, 'builder:s3cret');
    expect(await copyImage(image(), inRegistry(registry), { authfile: file })).toBe(digest);
    expect(await digestOf(`docker://${registry.host}/team/os:1`, '--tls-verify=false')).toBe(digest);
    const none = authfile('token-none.json', 'example.org', 'a:b');
    const back = parseImageReference(`oci:${join(shared, 'by-token')}`);
    expect(await copyImage(inRegistry(registry), back, { authfile: none })).toBe(digest);
    await expect(copyImage(image(), inRegistry(registry, 'team/os:2'), { authfile: none })).rejects.toMatchObject({
      code: 'denied',
      hint: expect.stringContaining('there is no login'),
    });
  });

  test('takes blobs over from a repository that may be read', async () => {
    const file = authfile('token.json', registry.host, 'builder:s3cret');
    const options = { authfile: file, mountFrom: ['team/os'] };
    expect(await copyImage(image(), inRegistry(registry, 'derived/os:1'), options)).toBe(digest);
    expect(tokens.scopes.at(-1)).toEqual(['repository:derived/os:pull,push', 'repository:team/os:pull']);
  });

  test('refuses a wrong one', async () => {
    const file = authfile('token-wrong.json', registry.host, 'builder:s3kret');
    await expect(copyImage(inRegistry(registry), image(), { authfile: file })).rejects.toMatchObject({
      code: 'denied',
    });
  });
});

test("podman's archive, and ours for it", async () => {
  await copyImage(image(), parseImageReference(`docker-archive:${join(shared, 'ours.tar')}:example/os:1`));
  const { stdout } = await by.podman('load', '--input', `${SHARED}/ours.tar`);
  expect(stdout).toContain('example/os:1');
  await by.podman('save', '--output', `${SHARED}/theirs.tar`, 'example/os:1');
  const theirs = parseImageReference(`docker-archive:${join(shared, 'theirs.tar')}:example/os:1`);
  await copyImage(theirs, parseImageReference(`oci:${join(shared, 'theirs')}:1`));
  await by.run('umoci', 'unpack', '--image', `${SHARED}/theirs:1`, `${SHARED}/unpacked-theirs`);
  await by.run('cmp', '/usr/bin/umoci', `${SHARED}/unpacked-theirs/rootfs/umoci`);
});
