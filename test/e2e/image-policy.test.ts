import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ImageSpec, imageLayout, type MadeImage, type ToolResult, tool } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { scratch } from '../lib/scratch.ts';

// Images that are imported only where a policy accepts them: signed and judged by the programs of Debian 13.
let shared: string;
let judge: Judges;
let registry: Registry;
/** The directory with skopeo. */
let path: string;

const write = (name: string, value: unknown) => writeFileSync(join(shared, name), JSON.stringify(value));

beforeAll(async () => {
  shared = scratch('image-policy');
  judge = await judges(shared);
  registry = await judge.registry();
  path = judge.program(['skopeo', '--registries.d', `${SHARED}/registries.d`], { GNUPGHOME: `${SHARED}/gnupg` });
  mkdirSync(join(shared, 'gnupg'), { mode: 0o700 });
  for (const user of ['builder', 'stranger']) {
    const gpg = (...words: string[]) =>
      judge.run('env', `GNUPGHOME=${SHARED}/gnupg`, 'gpg', '--batch', '--passphrase', '', ...words);
    await gpg('--quick-generate-key', `${user}@example.org`, 'rsa2048', 'sign', 'never');
    await gpg('--export', '--output', `${SHARED}/${user}.gpg`, `${user}@example.org`);
  }
  await judge.run(
    ...['sh', '-c', 'echo | skopeo generate-sigstore-key --passphrase-file /dev/stdin --output-prefix "$1"', 'sh'],
    `${SHARED}/key`,
  );
  mkdirSync(join(shared, 'registries.d'));
  const lookaside = `file://${SHARED}/lookaside`;
  const attached = { 'use-sigstore-attachments': true };
  write('registries.d/test.yaml', {
    docker: {
      [registry.host]: { lookaside, 'lookaside-staging': lookaside },
      [`${registry.host}/attached`]: attached,
    },
  });
});
afterAll(async () => {
  await registry?.stop();
});

interface Pushing {
  /** Repository and tag. */
  to: string;
  content?: string;
  /** Words of skopeo that sign. */
  signed?: string[];
  format?: string;
  spec?: Partial<ImageSpec>;
}

const BY_GPG = (user: string) => ['--sign-by', `${user}@example.org`];

async function push({ to, content = to, signed = [], format, spec }: Pushing): Promise<MadeImage> {
  rmSync(join(shared, 'image'), { recursive: true, force: true });
  const layers = [[{ name: 'usr/which', content }], [{ name: 'usr/big', content: 'x'.repeat(1_000_000) }]];
  const made = await imageLayout(join(shared, 'image'), { layers, ...spec });
  const words = ['copy', '--quiet', '--dest-tls-verify=false', ...signed];
  const more = format === undefined ? ['--preserve-digests'] : ['--format', format];
  const from = `oci:${SHARED}/image:latest`;
  await judge.run(
    ...['env', `HOME=${SHARED}`, `GNUPGHOME=${SHARED}/gnupg`, 'sh', '-c', 'echo | "$@"', 'sh'],
    ...['skopeo', '--insecure-policy', '--registries.d', `${SHARED}/registries.d`, ...words, ...more, from],
    `docker://${registry.host}/${to}`,
  );
  return made;
}

const gpgKey = (user: string) => ({ type: 'signedBy', keyType: 'GPGKeys', keyPath: `${SHARED}/${user}.gpg` });
const ANYTHING = { type: 'insecureAcceptAnything' };
const REJECT = { type: 'reject' };

interface Rules {
  default?: unknown[];
  scopes?: Record<string, unknown[]>;
}

/** Imports by a policy with those rules; scopes are below the registry. */
function take(image: string, { default: otherwise = [REJECT], scopes = {} }: Rules, ...more: string[]) {
  const below = Object.entries(scopes).map(([scope, rules]) => [`${registry.host}${scope}`, rules]);
  write('policy.json', { default: otherwise, transports: { docker: Object.fromEntries(below) } });
  return taking(image, '--verify-policy', join(shared, 'policy.json'), ...more);
}

const taking = (image: string, ...words: string[]): Promise<ToolResult> =>
  tool('aot-ociimport', [`docker://${registry.host}/${image}`, '-q', '--repo', join(shared, 'repo'), ...words], {
    env: { PATH: `${path}:${process.env['PATH']}`, TMPDIR: shared },
  });

/** Where the registry has a blob. */
const blobIn = (digest: string): string => {
  const hex = digest.slice('sha256:'.length);
  const blobs = join(shared, `.registry-${registry.host.slice(10)}`, 'docker/registry/v2/blobs/sha256');
  return join(blobs, hex.slice(0, 2), hex, 'data');
};

const refused = (why: RegExp) => ({ code: 1, stdout: '', stderr: expect.stringMatching(why) });

describe('by a key of GnuPG', () => {
  const mine: Rules = { scopes: { '': [gpgKey('builder')] } };

  test('a signed image is imported, by the digest that was accepted', async () => {
    const made = await push({ to: 'os/signed:1', signed: BY_GPG('builder') });
    const { code, stdout, stderr } = await take('os/signed:1', mine);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).image).toMatchObject({
      reference: `docker://${registry.host}/os/signed:1`,
      digest: made.digest,
      layers: made.layers.map((layer) => ({ ...layer, fetched: true })),
    });
    for (const { digest } of made.layers) rmSync(blobIn(digest)); // judging it again needs no layer
    const again = await take('os/signed:1', mine);
    expect(JSON.parse(again.stdout)).toMatchObject({ unchanged: true, image: { digest: made.digest } });
    expect(await taking('os/signed:1', '--cache-only')).toMatchObject({ code: 0 }); // the tag's name is kept
  });

  test('one in the form of Docker is too', async () => {
    await push({ to: 'os/docker:1', signed: BY_GPG('builder'), format: 'v2s2' });
    expect(await take('os/docker:1', mine)).toMatchObject({ code: 0, stderr: '' });
    await push({ to: 'os/docker:2', format: 'v2s2' });
    expect(await take('os/docker:2', mine)).toMatchObject(refused(/a signature was required/i));
  });

  test('one that nobody signed, or another, or that was signed under another name is not', async () => {
    await push({ to: 'os/unsigned:1' });
    expect(await take('os/unsigned:1', mine)).toMatchObject(
      refused(
        /^aot-ociimport: cannot verify 'registry:\S+\/os\/unsigned:1': a signature was required, but no signature/i,
      ),
    );
    await push({ to: 'os/strange:1', signed: BY_GPG('stranger') });
    expect(await take('os/strange:1', mine)).toMatchObject(
      refused(/cannot verify .*: (?:Invalid GPG signature|.*key)/),
    );
    const moved = await push({ to: 'os/moved:1', content: 'os/signed:1' }); // with the signature of the same bytes
    const signature = (name: string) => join(shared, 'lookaside/os', `${name}@${moved.digest.replace(':', '=')}`);
    cpSync(signature('signed'), signature('moved'), { recursive: true });
    expect(await take('os/moved:1', mine)).toMatchObject(refused(/cannot verify .*os\/signed:1" is not accepted/));
  });

  test('the rule that applies decides, as skopeo finds it', async () => {
    const other = { ...mine, default: [ANYTHING] };
    expect(await take('os/signed:1', other)).toMatchObject({ code: 0 });
    const scoped = { scopes: { '': [gpgKey('stranger')], '/os/signed': [gpgKey('builder')] } };
    expect(await take('os/signed:1', scoped)).toMatchObject({ code: 0 });
    expect(await take('os/strange:1', scoped)).toMatchObject({ code: 0 });
    const both = { scopes: { '': [ANYTHING, gpgKey('builder')] } };
    expect(await take('os/signed:1', both)).toMatchObject({ code: 0 });
    expect(await take('os/unsigned:1', both)).toMatchObject(refused(/a signature was required/i));
  });

  test('a rule that accepts anything vouches for nothing', async () => {
    for (const rules of [
      { default: [ANYTHING] },
      { default: [gpgKey('builder')], scopes: { '/os': [ANYTHING] } },
      { default: [REJECT] },
    ])
      expect(await take('os/signed:1', rules)).toMatchObject(
        refused(/is rejected by policy\.?\nhint: a rule of '.*policy.json' must say whose signature is wanted/),
      );
  });
});

test('by a key of sigstore', async () => {
  const key = { type: 'sigstoreSigned', keyPath: `${SHARED}/key.pub` };
  const signed = ['--sign-by-sigstore-private-key', `${SHARED}/key.private`, '--sign-passphrase-file', '/dev/stdin'];
  const made = await push({ to: 'attached/os:1', signed });
  const rules = { scopes: { '/attached': [{ ...key, signedIdentity: { type: 'matchRepository' } }] } };
  const { code, stdout, stderr } = await take('attached/os:1', rules);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout).image.digest).toBe(made.digest);
  await push({ to: 'attached/os:2' });
  expect(await take('attached/os:2', rules)).toMatchObject(refused(/a signature was required/i));
});

describe('what cannot be judged is refused', () => {
  test('a policy that is not there, or none', async () => {
    expect(await taking('os/signed:1', '--verify-policy', join(shared, 'none.json'))).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('cannot read the policy for images'),
    });
    write('bad.json', { default: 'reject' });
    expect(await taking('os/signed:1', '--verify-policy', join(shared, 'bad.json'))).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('it has a rule that is no list of objects'),
    });
  });

  test('without the network, and what is in no registry', async () => {
    expect(await take('os/signed:1', {}, '--cache-only')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("cannot use '--cache-only' together with '--verify-policy'"),
    });
    const words = [`oci:${join(shared, 'image')}`, '--repo', join(shared, 'repo'), '--verify-policy'];
    expect(await tool('aot-ociimport', [...words, join(shared, 'policy.json')])).toMatchObject(
      refused(/only images in registries are signed/),
    );
  });
});
