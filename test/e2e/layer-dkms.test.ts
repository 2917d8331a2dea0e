import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dkmsPackage } from '../lib/dkms-package.ts';
import { type LayerWorld, layerWorld, useMachineArchive } from '../lib/layer-world.ts';

let world: LayerWorld;
/** Of the base's kernel. */
let kver: string;
let headers: string;

const MODULES = [
  dkmsPackage('aotone'),
  dkmsPackage('aottwo', { conf: 'BUILD_DEPENDS[0]="aotone"\n' }),
  dkmsPackage('aotbroken', { word: 'no_such_word' }),
  dkmsPackage('aotother', { conf: 'BUILD_EXCLUSIVE_KERNEL="^7[.]"\n' }),
];

beforeAll(async () => {
  world = await layerWorld('layer-dkms', MODULES);
  await useMachineArchive(world);
  kver = (await world.run(['ls', '/usr/lib/modules'])).stdout.trim();
  headers = `linux-headers-${kver}`;
});

afterAll(() => world?.server.close());

/** Restarts, and does of a boot what makes the links of package state. */
async function reboot(): Promise<void> {
  await world.reboot();
  await world.run(['systemd-tmpfiles', '--create', '--prefix=/var/lib/dkms']);
}

const cache = () => join(world.sysroot, 'ostree/repo/extensions/apt-ostree');
/** What has been built, with what tells one build from another of the same. */
const builds = () =>
  readdirSync(join(cache(), 'modules'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${name} ${statSync(join(cache(), 'modules', name)).ino}`)
    .sort();
const files = async (path: string) =>
  (await world.run(['find', path, '-type', 'f', '-printf', '%P\\n'], { ok: 'any' })).stdout.trim().split('\n').sort();
const modinfo = async (field: string, name: string) =>
  (await world.run(['modinfo', '-k', kver, '-F', field, name])).stdout.trim();

test('without the headers of the kernel it is an error that names their package, and nothing is deployed', async () => {
  const before = await world.deployed();
  const { exitCode, stderr } = await world.aot('install', 'aotone-dkms');
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    `cannot build kernel modules 'aotone/1.0': the headers of kernel '${kver}' are missing\nhint: add the package '${headers}'\n`,
  );
  expect(await world.deployed()).toEqual(before);
});

test('a module is built for the kernel of the tree and found by modprobe', async () => {
  await world.done('install', 'aotone-dkms', headers);
  await reboot();
  expect(await modinfo('filename', 'aotone')).toBe(`/lib/modules/${kver}/updates/dkms/aotone.ko.xz`);
  expect((await modinfo('vermagic', 'aotone')).split(' ')[0]).toBe(kver);
  expect((await world.run(['modprobe', '-S', kver, '--show-depends', 'aotone'])).stdout).toContain('aotone.ko');
  expect((await world.run(['uname', '-r'])).stdout.trim()).not.toBe(kver);
});

test("DKMS's state is of one piece with the deployment, and no key or log of the build is in it", async () => {
  expect((await world.run(['dkms', 'status'])).stdout).toBe(`aotone/1.0, ${kver}, x86_64: installed\n`);
  expect((await world.run(['readlink', '-f', '/var/lib/dkms'])).stdout.trim()).toBe('/usr/lib/sysimage/dkms');
  expect(await files('/usr/lib/sysimage/dkms')).toEqual(
    ['Module.symvers', 'aotone.ko.xz'].map((name) => `aotone/1.0/${kver}/x86_64/module/${name}`),
  );
  expect(await modinfo('signer', 'aotone')).toBe('');
});

test('another module is built, and the first is not built again', async () => {
  const [one, ...more] = builds();
  expect(more).toEqual([]);
  await world.done('install', 'aottwo-dkms');
  expect(builds()).toHaveLength(2);
  expect(builds()).toContain(one);
  await reboot();
  expect(await modinfo('filename', 'aottwo')).toContain('/updates/dkms/aottwo.ko.xz');
  expect((await world.run(['dkms', 'status'])).stdout).toMatch(/^aotone\S* .*: installed\naottwo\S* .*: installed\n$/);
});

test('a new base with the same kernel takes the built modules', async () => {
  const before = builds();
  await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-newer': 'newer\n' } });
  await world.done('upgrade');
  expect(builds()).toEqual(before);
  await reboot();
  expect((await world.run(['cat', '/usr/share/aot-newer'])).stdout).toBe('newer\n');
  expect((await modinfo('vermagic', 'aotone')).split(' ')[0]).toBe(kver);
});

test('built again, a module is the same to the bit', async () => {
  const [before] = await world.deployed();
  await world.done('uninstall', '--all');
  for (const part of ['layers', 'modules']) rmSync(join(cache(), part), { recursive: true });
  await world.done('install', 'aotone-dkms', 'aottwo-dkms', headers);
  expect((await world.deployed())[0]).toBe(before);
});

test('a module that does not build is an error with the end of its log', async () => {
  const { exitCode, stderr } = await world.aot('install', 'aotbroken-dkms');
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`cannot build kernel module 'aotbroken/1.0' for kernel '${kver}': dkms ended with 10\n`);
  expect(stderr).toContain("error: 'no_such_word' undeclared");
});

test('a module that says that it is not for this kernel is left out, with a warning', async () => {
  const { exitCode, stderr } = await world.aot('install', 'aotother-dkms');
  expect(exitCode).toBe(0);
  expect(stderr).toContain(
    `left out kernel module 'aotother/1.0': its dkms.conf says that it is not for kernel '${kver}'`,
  );
  expect(await world.next(`usr/lib/modules/${kver}/updates/dkms/aotone.ko.xz`)).toBeDefined();
  await world.done('uninstall', 'aotother-dkms');
});

test('without its package a module is gone', async () => {
  await world.done('uninstall', 'aottwo-dkms');
  await reboot();
  expect((await world.run(['dkms', 'status'])).stdout).toBe(`aotone/1.0, ${kver}, x86_64: installed\n`);
  expect(await files(`/usr/lib/modules/${kver}/updates/dkms`)).toEqual(['aotone.ko.xz']);
  expect((await world.run(['modinfo', '-k', kver, 'aottwo'], { ok: 'any' })).exitCode).not.toBe(0);
});
