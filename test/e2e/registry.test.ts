import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  copyImage,
  type ImageReference,
  openDestination,
  openSource,
  parseImageReference,
  type TransportOptions,
} from '@apt-ostree/oci';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCRATCH } from '../lib/checkout.ts';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { type TokenServer, tokenServer } from '../lib/token-server.ts';

// Our client against Debian's registry, with skopeo and umoci to say what an image is and whether it came through.

const shared = join(SCRATCH, 'registry');
let by: Judges;
/** Of the image that umoci made. */
let digest: string;
beforeAll(async () => {
  rmSync(shared, { recursive: true, force: true });
  mkdirSync(shared, { recursive: true });
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

async function copy(from: ImageReference, to: ImageReference, options: Partial<TransportOptions> = {}) {
  const all = { signal: new AbortController().signal, ...options };
  const source = await openSource(from, all);
  try {
    const destination = await openDestination(to, all);
    try {
      return (await copyImage(source, destination)).digest;
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}

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
    expect(await copy(image(), inRegistry(registry))).toBe(digest);
    expect(await digestOf(`docker://${registry.host}/team/os:1`, '--tls-verify=false')).toBe(digest);
    expect(await copy(inRegistry(registry), parseImageReference(`oci:${join(shared, 'back')}:b`))).toBe(digest);
    await by.run('umoci', 'unpack', '--image', `${SHARED}/back:b`, `${SHARED}/unpacked`);
  });

  test('an image that skopeo pushed is the same to us', async () => {
    const to = `docker://${registry.host}/other/os:2`;
    const options = ['--insecure-policy', 'copy', '--dest-tls-verify=false'];
    await by.run('skopeo', ...options, `oci:${SHARED}/image:a`, to);
    const archive = `oci-archive:${join(shared, 'a.tar')}:c`;
    expect(await copy(inRegistry(registry, 'other/os:2'), parseImageReference(archive))).toBe(digest);
    expect(await digestOf(`oci-archive:${SHARED}/a.tar:c`)).toBe(digest);
  });

  test('blobs that another repository has are not sent again', async () => {
    await copy(image(), inRegistry(registry, 'first:1'));
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
    await copyImage(source, destination);
    await destination.close();
    expect(sent).toBe(0);
    expect(await digestOf(`docker://${registry.host}/second:1`, '--tls-verify=false')).toBe(digest);
  });

  test('what it does not have', async () => {
    const back = parseImageReference(`oci:${join(shared, 'nothing')}`);
    await expect(copy(inRegistry(registry, 'none:1'), back)).rejects.toThrow(
      `cannot read 'registry:${registry.host}/none:1': there is no such image`,
    );
  });
});

describe('a registry that asks for a login', () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await by.registry({ login: 'builder:s3cret' });
  });
  afterAll(() => registry?.stop());

  test('takes the right one', async () => {
    const file = authfile('right.json', registry.host, 'builder:s3cret');
    expect(await copy(image(), inRegistry(registry), { authfile: file })).toBe(digest);
    const options = [`--authfile=${SHARED}/right.json`, '--tls-verify=false'];
    expect(await digestOf(`docker://${registry.host}/team/os:1`, ...options)).toBe(digest);
  });

  test('a wrong one is refused, and not told to anybody', async () => {
    const file = authfile('wrong.json', registry.host, 'builder:s3kret');
    const error = await copy(image(), inRegistry(registry), { authfile: file }).catch((e) => e);
    expect(error).toMatchObject({ code: 'denied', exit: 1, hint: expect.stringContaining('wrong.json') });
    expect(error.message).toBe(`cannot write 'registry:${registry.host}/team/os:1': access denied (401)`);
    expect(JSON.stringify(error) + error.message + error.hint).not.toContain('s3kret');
  });

  test('none', async () => {
    const file = authfile('other.json', 'example.org', 'a:b');
    const error = await copy(inRegistry(registry), image(), { authfile: file }).catch((e) => e);
    expect(error).toMatchObject({ code: 'denied', hint: expect.stringContaining('there is no login') });
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

  test('lets the right login push, and others read', async () => {
    const file = authfile('token.json', registry.host, 'builder:s3cret');
    expect(await copy(image(), inRegistry(registry), { authfile: file, mountFrom: ['other'] })).toBe(digest);
    expect(await digestOf(`docker://${registry.host}/team/os:1`, '--tls-verify=false')).toBe(digest);
    const anybody = authfile('nobody.json', 'example.org', 'a:b');
    const back = parseImageReference(`oci:${join(shared, 'by-token')}`);
    expect(await copy(inRegistry(registry), back, { authfile: anybody })).toBe(digest);
    const error = await copy(image(), inRegistry(registry, 'team/os:2'), { authfile: anybody }).catch((e) => e);
    expect(error).toMatchObject({ code: 'denied' });
  });
});

test("podman's archive, and ours for it", async () => {
  await copy(image(), parseImageReference(`docker-archive:${join(shared, 'ours.tar')}:example/os:1`));
  const { stdout } = await by.podman('load', '--input', `${SHARED}/ours.tar`);
  expect(stdout).toContain('example/os:1');
  await by.podman('save', '--output', `${SHARED}/theirs.tar`, 'example/os:1');
  const theirs = parseImageReference(`docker-archive:${join(shared, 'theirs.tar')}:example/os:1`);
  await copy(theirs, parseImageReference(`oci:${join(shared, 'theirs')}:1`));
  await by.run('umoci', 'unpack', '--image', `${SHARED}/theirs:1`, `${SHARED}/unpacked-theirs`);
  await by.run('cmp', '/usr/bin/umoci', `${SHARED}/unpacked-theirs/rootfs/umoci`);
});
