import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@apt-ostree/manifest';
import { imageLayout, type MadeImage, tool } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { scratch } from '../lib/scratch.ts';

// Images for several architectures under one name, as skopeo and podman see them.

const shared = scratch('image-index');
let judge: Judges;
let registry: Registry;
let made: Record<'amd64' | 'arm64' | 'armhf', MadeImage>;

const layout = (architecture: string, go = architecture, edit = {}) =>
  imageLayout(join(shared, architecture), {
    layers: [[{ name: 'usr/same', content: 'same' }], [{ name: 'usr/which', content: architecture }]],
    architecture: go,
    edit: ({ config }) => Object.assign(config, edit),
  });

beforeAll(async () => {
  judge = await judges(shared);
  registry = await judge.registry();
  made = {
    amd64: await layout('amd64'),
    arm64: await layout('arm64'),
    armhf: await layout('armhf', 'arm', { variant: 'v7' }),
  };
  for (const name of ['amd64', 'arm64', 'armhf'])
    await judge.run(
      ...['skopeo', 'copy', '--quiet', '--preserve-digests', '--dest-tls-verify=false', `oci:${SHARED}/${name}:latest`],
      `docker://${registry.host}/os/server:13-${name}`,
    );
});
afterAll(() => registry?.stop());

const there = (name: string): string => `registry:${registry.host}/${name}`;
const joined = (output: string, ...images: string[]) =>
  tool('apt-ostree', ['compose', 'image-index', '--output', output, ...images]);

/** The digest of what skopeo takes by a name for an architecture, as Go has it; it checks each blob. */
async function digestFor(image: string, go: string, options = ['--insecure-policy'], copying: string[] = []) {
  const to = join(shared, 'taken');
  rmSync(to, { recursive: true, force: true });
  const copy = ['copy', '--quiet', ...copying, '--src-tls-verify=false', image, `dir:${SHARED}/taken`];
  await judge.run('skopeo', ...options, '--override-arch', go, ...copy);
  return `sha256:${sha256(readFileSync(join(to, 'manifest.json')))}`;
}

describe('images in a registry', () => {
  test('are joined under one name, with their digests', async () => {
    const images = ['amd64', 'arm64', 'armhf'].map((name) => there(`os/server:13-${name}`));
    const { code, stdout, stderr } = await joined(there('os/server:13'), ...images);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, digest] = /^registry:\S+\/os\/server:13 => (sha256:[0-9a-f]{64})\n$/.exec(stdout) ?? [];
    const again = await joined(there('os/again:13'), ...images.reverse());
    expect(again.stdout).toContain(digest);
    const name = `docker://${registry.host}/os/server:13`;
    for (const [go, image] of [
      ['amd64', made.amd64],
      ['arm64', made.arm64],
      ['arm', made.armhf],
    ] as const)
      expect(await digestFor(name, go)).toBe(image.digest);
  });

  test('podman and our own importer get the one for the architecture', async () => {
    const name = `${registry.host}/os/again:13`; // in another repository, with all that it needs
    for (const [debian, go, image] of [
      ['arm64', 'arm64', made.arm64],
      ['amd64', 'amd64', made.amd64],
    ] as const) {
      await judge.podman('pull', '--quiet', '--tls-verify=false', `--arch=${go}`, name);
      const seen = await judge.podman('image', 'inspect', '--format', '{{.Architecture}} {{.Digest}}', name);
      expect(seen.stdout.trim()).toMatch(new RegExp(`^${go} `));
      const words = [there('os/again:13'), '-q', '--repo', join(shared, 'repo'), '--arch', debian];
      const { stdout, stderr } = await tool('aot-ociimport', words);
      expect(JSON.parse(stdout || stderr)).toMatchObject({ architecture: debian, image: { digest: image.digest } });
    }
    const none = await tool('aot-ociimport', [
      there('os/again:13'),
      '--repo',
      join(shared, 'repo'),
      '--arch',
      'riscv64',
    ]);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it is for linux/amd64, linux/arm/v7, linux/arm64, not for linux/riscv64'),
    });
  });

  test('come from layouts too, and go into one', async () => {
    const local = ['amd64', 'arm64'].map((name) => `oci:${join(shared, name)}`);
    expect(await joined(there('os/local:13'), ...local)).toMatchObject({ code: 0 });
    expect(await digestFor(`docker://${registry.host}/os/local:13`, 'arm64')).toBe(made.arm64.digest);
    expect(
      await joined(`oci:${join(shared, 'joined')}:13`, there('os/server:13-arm64'), ...local.slice(0, 1)),
    ).toMatchObject({ code: 0 });
    expect(await digestFor(`oci:${SHARED}/joined:13`, 'amd64')).toBe(made.amd64.digest);
    const words = [`oci:${join(shared, 'joined')}:13`, '-q', '--repo', join(shared, 'repo'), '--arch', 'arm64'];
    const { stdout } = await tool('aot-ociimport', words);
    expect(JSON.parse(stdout).image.digest).toBe(made.arm64.digest);
  });
});

describe('signed as it is pushed', () => {
  const key = () => ({ COSIGN_PASSWORD: '', TMPDIR: shared });
  const inputs = () => ['amd64', 'arm64'].map((name) => there(`os/server:13-${name}`));
  const signed = (name: string, path: string, by: string) =>
    tool('apt-ostree', ['compose', 'image-index', '--output', there(name), '--sign-by', by, ...inputs()], {
      env: { ...key(), PATH: `${path}:${process.env['PATH']}` },
    });
  const quietly = (...argv: string[]) =>
    judge.run('env', `HOME=${SHARED}`, 'COSIGN_PASSWORD=', 'sh', '-c', 'echo | "$@"', 'sh', ...argv);

  /** Pulls the image for an architecture where a policy wants it signed under that name. */
  async function take(name: string, go: string): Promise<string> {
    const wanted = { type: 'sigstoreSigned', keyPath: `${SHARED}/key.pub` };
    const docker = { [registry.host]: [wanted] };
    writeFileSync(
      join(shared, 'policy.json'),
      JSON.stringify({ default: [{ type: 'reject' }], transports: { docker } }),
    );
    const options = ['--policy', `${SHARED}/policy.json`, '--registries.d', `${SHARED}/registries.d`];
    return digestFor(`docker://${registry.host}/${name}`, go, options, ['--remove-signatures']);
  }

  test('by skopeo: the index, and every image under its name', async () => {
    await quietly(
      ...['skopeo', 'generate-sigstore-key', '--passphrase-file', '/dev/stdin', '--output-prefix', `${SHARED}/key`],
    );
    mkdirSync(join(shared, 'registries.d'));
    const place = { docker: { [registry.host]: { 'use-sigstore-attachments': true } } };
    writeFileSync(join(shared, 'registries.d/test.yaml'), JSON.stringify(place));
    expect(await joined(there('os/unsigned:13'), ...inputs())).toMatchObject({ code: 0 });
    await expect(take('os/unsigned:13', 'arm64')).rejects.toThrow(/signature was required/);
    const path = judge.program(['skopeo', '--registries.d', `${SHARED}/registries.d`]);
    const { code, stdout, stderr } = await signed('os/signed:13', path, join(shared, 'key.private'));
    expect(code, stderr).toBe(0);
    for (const go of ['amd64', 'arm64'] as const) expect(await take('os/signed:13', go)).toBe(made[go].digest);
    expect(await tagsOf('os/signed')).toContain(signatureTag(stdout));
  });

  test('by cosign, which verifies the index and each image', async () => {
    await quietly('cosign', 'generate-key-pair', '--output-key-prefix', `${SHARED}/own`);
    const path = judge.program(['cosign'], { COSIGN_PASSWORD: '' });
    const { code, stdout, stderr } = await signed('os/by-cosign:13', path, join(shared, 'own.key'));
    expect(code, stderr).toBe(0);
    const index = /sha256:[0-9a-f]{64}/.exec(stdout)?.[0] as string;
    for (const digest of [index, made.amd64.digest, made.arm64.digest]) {
      const name = `${registry.host}/os/by-cosign@${digest}`;
      await quietly('cosign', 'verify', '--key', `${SHARED}/own.pub`, '--insecure-ignore-tlog=true', name);
    }
  });

  test('only in a registry', async () => {
    const local = ['--output', `oci:${join(shared, 'x')}:1`, '--sign-by', 'key'];
    expect(await tool('apt-ostree', ['compose', 'image-index', ...local, ...inputs()])).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('signatures are kept in registries') },
    });
  });
});

async function tagsOf(repository: string): Promise<string[]> {
  const list = ['list-tags', '--tls-verify=false', `docker://${registry.host}/${repository}`];
  return JSON.parse((await judge.run('skopeo', ...list)).stdout).Tags;
}

/** Where a signature of what was written is kept. */
const signatureTag = (said: string): string => `${/sha256:[0-9a-f]{64}/.exec(said)?.[0]?.replace(':', '-')}.sig`;

test('what cannot be joined is refused before anything is written', async () => {
  for (const [output, images, why] of [
    [
      there('os/bad:1'),
      ['os/server:13-amd64', 'os/again:13'].map(there),
      'it is an index already\nhint: name the images in it',
    ],
    [there('os/bad:1'), ['os/server:13-arm64', 'os/server:13-arm64'].map(there), 'it is for linux/arm64, as is'],
    [there('os/bad:1'), [there('os/none:1')], 'there is no such image'],
    [`docker-archive:${join(shared, 'x.tar')}`, [there('os/server:13-amd64')], 'archives for docker have no index'],
  ] as const) {
    const result = await joined(output, ...images);
    expect(result.stderr).toContain(why);
    expect(result).toMatchObject({ code: 1, stdout: '' });
  }
  await expect(digestFor(`docker://${registry.host}/os/bad:1`, 'amd64')).rejects.toThrow(/manifest unknown/);
});
