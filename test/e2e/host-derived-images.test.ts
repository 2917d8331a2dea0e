import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivePackage, buildDeb } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { type ContainerWorld, containerWorld } from '../lib/container-world.ts';
import type { Registry } from '../lib/judges.ts';

// A machine that follows an image that a Containerfile made of ours: podman builds and pushes, the host deploys.

const tool = (version: string): ArchivePackage => ({
  name: 'aot-tool',
  version,
  files: {
    '/usr/bin/aot-tool': { content: `#!/bin/sh\necho tool ${version}\n`, mode: 0o755 },
    '/etc/aot-tool.conf': `${version}\n`,
    '/etc/aot-other.conf': `${version}\n`,
    '/var/lib/aot-tool/state': 'seed\n',
  },
  conffiles: ['/etc/aot-tool.conf', '/etc/aot-other.conf'],
  control: { Depends: 'aot-lib' },
});
const LIB: ArchivePackage = { name: 'aot-lib', files: { '/usr/lib/aot-lib/data': 'lib\n' } };
const EXTRA: ArchivePackage = { name: 'aot-extra', files: { '/usr/share/aot-extra': 'extra\n' } };

let world: BootedWorld;
let containers: ContainerWorld;
let registry: Registry;
let reference: string;

/** Builds an image and puts it behind the tag. */
async function publish(name: string, steps: string, from?: string): Promise<void> {
  const built = await containers.build(name, `${steps} && apt-ostree cleanup -m`, from);
  expect(built.exitCode, built.stdout + built.stderr).toBe(0);
  const to = `docker://${registry.host}/os/derived:13`;
  await containers.by.podman('push', '--quiet', '--tls-verify=false', name, to);
}

const deployments = async (): Promise<Record<string, unknown>[]> =>
  JSON.parse((await world.aptOstree(['status', '--json'])).stdout).deployments;
const output = async (...argv: string[]): Promise<string> => (await world.run(argv)).stdout;
const file = (path: string): string => readFileSync(join(world.root(), path), 'utf8');

async function done(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await world.aptOstree(words);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout + stderr;
}

beforeAll(async () => {
  world = await bootedWorld('host-derived-images');
  containers = await containerWorld('host-derived-images-shared', [tool('1'), LIB, EXTRA], 'test/trees/booted.yaml');
  registry = await containers.by.registry();
  reference = `ostree-unverified-registry:${registry.host}/os/derived:13`;
});
afterAll(async () => {
  await registry?.stop();
  await containers?.server.close();
});

test('what a Containerfile installed is deployed with the base, and boots', async () => {
  await publish('first', 'RUN apt-ostree install aot-tool && echo by hand > /etc/aot-mine');
  await done('rebase', reference);
  await world.reboot();
  expect((await deployments())[0]).toMatchObject({ booted: true, 'container-image-reference': reference });
  expect(await output('aot-tool')).toBe('tool 1\n');
  expect(await output('dpkg-query', '--show', '--showformat=${db:Status-Abbrev}', 'aot-lib')).toBe('ii ');
  expect(await output('dpkg', '--audit')).toBe('');
  expect([file('etc/aot-tool.conf'), file('etc/aot-mine')]).toEqual(['1\n', 'by hand\n']);
  expect(file('usr/share/factory/var/lib/aot-tool/state')).toBe('seed\n');
  expect(existsSync(join(world.root(), 'usr/lib/ostree-boot'))).toBe(false);
});

test('upgrade follows: only layers that are new come, and what was changed in /etc stays', async () => {
  world.write('/etc/aot-tool.conf', 'of this machine\n');
  writeFileSync(join(containers.context, 'aot-tool_2_all.deb'), await buildDeb(tool('2')));
  await publish(
    'second',
    'COPY aot-tool_2_all.deb /tmp/\nRUN apt-ostree override replace /tmp/aot-tool_2_all.deb && rm /tmp/aot-tool_2_all.deb',
    'first',
  );
  const said = await done('upgrade');
  expect(said).toMatch(/Removed layers: 0\n[\s\S]*Added layers: 2\n/); // of COPY and RUN
  expect(said).toMatch(/Fetching layers... done \([\d.]+ kB\)\n/); // the base is here
  expect(said).toMatch(/Upgraded:\n {2}aot-tool 1 -> 2\n/);
  await world.reboot();
  expect(await output('aot-tool')).toBe('tool 2\n');
  expect([file('etc/aot-tool.conf'), file('etc/aot-other.conf')]).toEqual(['of this machine\n', '2\n']);
});

test('packages are layered over it, and rollback goes back to the image before', async () => {
  await done('install', 'aot-extra');
  await world.reboot();
  expect(file('usr/share/aot-extra')).toBe('extra\n');
  expect(await output('aot-tool')).toBe('tool 2\n');
  await done('uninstall', 'aot-extra');
  await world.reboot();
  expect(existsSync(join(world.root(), 'usr/share/aot-extra'))).toBe(false);
  const digests = (await deployments()).map((d) => d['container-image-reference-digest']);
  expect(new Set(digests).size).toBe(1); // of the image with and without the layer
});
