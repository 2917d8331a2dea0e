import { type ArchivePackage, enterBooted } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TOP } from '../lib/checkout.ts';
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
  const metadata = { 'ostree.endoflife': 'rebase to 14' };
  await world.nextCommit({ version: '13.1', metadata, files: { 'usr/share/aot-one': '1\n' } });
  await world.done('upgrade', '--uninstall', 'aot-a', '--install', 'aot-c');
  expect(await requested()).toEqual(['aot-b', 'aot-c']);
  expect(await world.done('status')).toContain('EndOfLife: rebase to 14\n'); // a layered commit says so as its base does
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

test('of a sysroot that does not run, the deployment is made at once', async () => {
  await world.reboot();
  const elsewhere = async (...words: string[]) => {
    const mounts = [
      { from: TOP, to: 'run/checkout' },
      { from: world.sysroot, to: 'run/sysroot', writable: true },
    ];
    const command = ['/run/checkout/node_modules/.bin/apt-ostree', ...words, '--sysroot=/run/sysroot'];
    return (await enterBooted({ root: world.root(), run: world.runtime, mounts }, command)).stdout;
  };
  expect(await elsewhere('install', 'aot-b')).toContain('Added:\n  aot-b_1.0-1_all\n');
  const [next] = (await world.status()).deployments;
  expect(next).toMatchObject({ staged: false, origin: { packages: { requested: ['aot-b'] } } });
  expect(await world.next('usr/share/aot-b')).toBe('aot-b\n');
  await elsewhere('uninstall', 'aot-b');
  expect((await world.deployed())[0]).toBe(world.commit);
});
