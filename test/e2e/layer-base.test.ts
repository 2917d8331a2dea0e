import type { ArchivePackage } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

const PACKAGES: ArchivePackage[] = ['aot-a', 'aot-b', 'aot-c', 'aot-d', 'aot-e'].map((name) => ({
  name,
  version: '1.0-1',
  files: { [`/usr/share/${name}`]: `${name}\n` },
}));

let world: LayerWorld;

beforeAll(async () => {
  world = await layerWorld('layer-base', PACKAGES);
});

afterAll(() => world?.server.close());

const requested = async () => (await world.status()).deployments[0]?.origin.packages.requested;

test('upgrade takes changes to what is layered too', async () => {
  expect(await world.done('upgrade', '--install', 'aot-a', '--install=aot-b')).toContain('Added:\n  aot-a_1.0-1_all\n');
  await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-one': '1\n' } });
  await world.done('upgrade', '--uninstall', 'aot-a', '--install', 'aot-c');
  expect(await requested()).toEqual(['aot-b', 'aot-c']);
  expect(await world.next('usr/share/aot-one')).toBe('1\n');
  expect(await world.next('usr/share/aot-c')).toBe('aot-c\n');
});

test('deploy takes changes to what is layered too', async () => {
  await world.done('deploy', `revision=${world.commit}`, '--install', 'aot-d', '--uninstall', 'aot-b');
  const [next] = (await world.status()).deployments;
  expect(next?.origin).toMatchObject({ overrideCommit: world.commit, packages: { requested: ['aot-c', 'aot-d'] } });
  expect(await world.next('usr/share/aot-one')).toBeUndefined();
  expect(await world.next('usr/share/aot-d')).toBe('aot-d\n');
});

test('rebase takes changes to what is layered too', async () => {
  await world.done('rebase', world.commit, '--install', 'aot-e', '--uninstall', 'aot-d');
  const [next] = (await world.status()).deployments;
  expect(next?.origin).toMatchObject({ refspec: world.commit, packages: { requested: ['aot-c', 'aot-e'] } });
  expect(await world.next('usr/share/aot-e')).toBe('aot-e\n');
});

test('reset takes changes to what is layered too', async () => {
  await world.done('reset', '--overrides', '--install', 'aot-a', '--uninstall', 'aot-c');
  expect(await requested()).toEqual(['aot-e', 'aot-a']);
  await world.done('reset', '--overlays');
  expect((await world.deployed())[0]).toBe(world.commit);
});
