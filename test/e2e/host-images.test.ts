import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTree } from '@apt-ostree/ostree';
import { imageLayout, type MadeImage, type TarEntry } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';
import { rootArchive } from '../lib/root-archive.ts';
import { scratch } from '../lib/scratch.ts';

let world: LayerWorld;
let judge: Judges;
let registry: Registry;
/** Behind it are versions that come one after the other. */
let reference: string;
let base: { archive: string };
let first: MadeImage;

interface StatusJson {
  deployments: Record<string, unknown>[];
  'cached-update': Record<string, unknown> | null;
}

const statusJson = async (): Promise<StatusJson> => JSON.parse((await world.aptOstree(['status', '--json'])).stdout);
const refs = async (): Promise<string[]> =>
  (await world.run(['ostree', 'refs', '--repo=/ostree/repo'])).stdout
    .split('\n')
    .filter((r) => /^aot\/(image|layer|objects)\//.test(r));

/** Puts a version of the image behind the tag: what it has over the first are layers of its own. */
async function publish(version: string, created: string, ...over: TarEntry[][]): Promise<MadeImage> {
  const labels = { 'containers.bootc': '1', 'org.opencontainers.image.version': version };
  const image = await imageLayout(join(judge.shared, 'image'), { layers: [base, ...over], labels, created });
  const to = `docker://${registry.host}/os/server:13`;
  await judge.run('skopeo', 'copy', '--preserve-digests', '--dest-tls-verify=false', `oci:${SHARED}/image:latest`, to);
  return image;
}

beforeAll(async () => {
  world = await layerWorld('host-images', [
    { name: 'aot-a', version: '1.0-1', files: { '/usr/share/aot-a': 'layered\n' } },
  ]);
  judge = await judges(scratch('host-images-shared'));
  registry = await judge.registry();
  reference = `ostree-unverified-registry:${registry.host}/os/server:13`;
  const archive = join(judge.shared, 'base.tar');
  await rootArchive(world.repo, world.commit, archive);
  base = { archive };
  first = await publish('13.1', '2030-01-01T00:00:00Z');
  base = { archive: join(judge.shared, 'image/blobs/sha256', first.layers[0]?.digest.slice('sha256:'.length) ?? '') };
});

afterAll(async () => {
  await world?.server.close();
  await registry?.stop();
});

test('what cannot be had changes nothing', async () => {
  const [kind, rest] = [reference.replace(/:.*/s, ''), reference.replace(/^[^:]*:/, '')];
  for (const [base, reason] of [
    ['ostree-unverified-image:oci:/var/none:latest', "cannot read 'oci:/var/none:latest': there is no image layout"],
    [`ostree-remote-registry:debian:${rest}`, 'it does not carry an OSTree commit'],
    [`${kind}:${registry.host}/os/none:13`, 'os/none'],
    [`${kind}:127.0.0.1:9/os:13`, '127.0.0.1:9'],
  ] as const) {
    const { exitCode, stdout, stderr } = await world.aptOstree(['rebase', base]);
    expect(stderr).toContain(reason);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  }
  expect(await world.aptOstree(['rebase', '--cache-only', reference])).toMatchObject({
    ...{ exitCode: 1, stderr: expect.stringContaining('without the network: it is not here') },
  });
  expect((await statusJson()).deployments.map((d) => d['checksum'])).toEqual([world.commit]);
  expect(await refs()).toEqual([]);
});

describe('a rebase to an image', () => {
  test('stages its tree, and keeps what is on the host', async () => {
    world.write('/etc/aot-mine', 'mine\n');
    const { exitCode, stdout, stderr } = await world.aptOstree(['rebase', reference]);
    expect(stderr).not.toMatch(/error/i);
    expect(stdout).toMatch(/Changes queued for next boot/);
    expect(exitCode).toBe(0);
    await world.reboot();
    expect(readFileSync(join(world.root(), 'etc/aot-mine'), 'utf8')).toBe('mine\n');
  });

  test('is what status shows, as rpm-ostree does', async () => {
    const { deployments } = await statusJson();
    expect(deployments[0]).toMatchObject({
      booted: true,
      version: '13.1',
      'container-image-reference': reference,
      'container-image-reference-digest': first.digest,
    });
    expect(deployments[0]).not.toHaveProperty('origin');
    expect(deployments[1]).not.toHaveProperty('container-image-reference');
    const { stdout } = await world.aptOstree(['status']);
    expect(stdout).toContain(`● ${reference}\n${' '.repeat(19)}Digest: ${first.digest}\n`);
    const origin = readFileSync(`${world.root()}.origin`, 'utf8');
    expect(origin).toContain(`[origin]\ncontainer-image-reference=${reference}\n`);
    expect(origin).not.toContain('refspec=');
  });

  test('gives the tree that the image was made of', async () => {
    const [now] = (await statusJson()).deployments;
    const { stdout } = await world.run([
      'ostree',
      'diff',
      '--repo=/ostree/repo',
      world.commit,
      String(now?.['checksum']),
    ]);
    expect(stdout).toBe('');
    const packages = async (commit: string) =>
      (await world.aptOstree(['db', 'list', commit])).stdout.split('\n').slice(1);
    expect(await packages(String(now?.['checksum']))).toEqual(await packages(world.commit));
  });
});

test('nothing newer: says so, and deploys nothing', async () => {
  expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0, stdout: 'No upgrade available.\n' });
  expect(await world.aptOstree(['upgrade', '--cache-only'])).toMatchObject({
    exitCode: 0,
    stdout: 'No upgrade available.\n',
  });
  expect(await world.aptOstree(['upgrade', '--unchanged-exit-77'])).toMatchObject({ exitCode: 77 });
  expect(await world.aptOstree(['upgrade', '--check'])).toMatchObject({
    exitCode: 77,
    stdout: 'No updates available.\n',
  });
  const again = await world.aptOstree(['rebase', reference]);
  expect(again).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`Old and new refs are equal: ${reference}`),
  });
  const version = await world.aptOstree(['deploy', '13.1']);
  expect(version).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('cannot deploy a version of the container image'),
  });
});

describe('a new version behind the same tag', () => {
  let second: MadeImage;
  beforeAll(async () => {
    const status = openTree(world.repo, world.commit).read('usr/lib/sysimage/dpkg/status') as Uint8Array;
    const stanza = '\nPackage: aot-extra\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\n';
    second = await publish('13.2', '2030-01-02T00:00:00Z', [
      { name: 'etc/motd', content: 'second\n' },
      { name: 'usr/lib/sysimage/dpkg/status', content: Buffer.concat([status, Buffer.from(stanza)]) },
      { name: 'usr/share/doc/bash/.wh..wh..opq', content: '' },
    ]);
  });

  test('--check and --preview say how many layers and bytes change, and fetch nothing', async () => {
    const before = await refs();
    for (const option of ['--check', '--preview']) {
      const { exitCode, stdout } = await world.aptOstree(['upgrade', option]);
      expect(stdout).toMatch(
        /^AvailableUpdate:\n {3}Total layers: 2\n {11}Size: .* MB\n Removed layers: 0\n {11}Size: 0 bytes\n {3}Added layers: 1\n/,
      );
      expect(exitCode).toBe(0);
    }
    expect(await refs()).toEqual(before);
  });

  test('is staged, with what it changes', async () => {
    const { exitCode, stdout, stderr } = await world.aptOstree(['upgrade']);
    expect(stderr).toMatch(/Added layers: 1\n/);
    expect(stdout).toMatch(/Added:\n {2}aot-extra_1.0-1_all\n/);
    expect(exitCode).toBe(0);
    expect((await statusJson())['cached-update']).toMatchObject({
      ...{ version: '13.2', total: 2, 'n-removed': 0, 'n-added': 1, 'added-size': second.layers[1]?.size },
    });
    await world.reboot();
    expect(readFileSync(join(world.root(), 'etc/motd'), 'utf8')).toBe('second\n');
    expect(existsSync(join(world.root(), 'usr/share/doc/bash'))).toBe(true);
    expect(existsSync(join(world.root(), 'usr/share/doc/bash/copyright'))).toBe(false);
    expect((await statusJson()).deployments.map((d) => d['container-image-reference-digest'])).toEqual([
      second.digest,
      first.digest,
    ]);
  });

  test('rollback goes back to the image before', async () => {
    expect(await world.aptOstree(['rollback'])).toMatchObject({ exitCode: 0 });
    await world.reboot();
    const [now] = (await statusJson()).deployments;
    expect(now).toMatchObject({ booted: true, version: '13.1', 'container-image-reference-digest': first.digest });
    expect(existsSync(join(world.root(), 'usr/share/doc/bash/copyright'))).toBe(true);
  });
});

test('an older image is refused unless it is asked for, and what is layered comes over it', async () => {
  const older = await publish('12.9', '2020-01-01T00:00:00Z', [{ name: 'usr/old', content: '' }]);
  const refused = await world.aptOstree(['upgrade']);
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('chronologically older') });
  await world.done('upgrade', '--allow-downgrade', '--install', 'aot-a');
  expect(await world.next('usr/share/aot-a')).toBe('layered\n');
  expect(await world.next('usr/old')).toBe('');
  expect((await statusJson()).deployments[0]).toMatchObject({
    'container-image-reference': reference,
    'container-image-reference-digest': older.digest,
    packages: ['aot-a'],
  });
});

test('back to a branch, images that no deployment is made of are forgotten', async () => {
  expect(await world.aptOstree(['rebase', world.refspec, '--uninstall', 'aot-a'])).toMatchObject({ exitCode: 0 });
  await world.reboot();
  expect(await world.aptOstree(['cleanup', '--rollback', '--pending'])).toMatchObject({ exitCode: 0 });
  expect(await refs()).toEqual([]);
  expect((await statusJson()).deployments).toMatchObject([{ origin: world.refspec, checksum: world.commit }]);
  await world.run(['ostree', 'fsck', '--quiet', '--repo=/ostree/repo']);
});
