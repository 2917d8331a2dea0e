import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDeb, type PackageSpec } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

// Packages from files that ship a file of another package: dpkg's rule, and --force-replacefiles.

const OVER: PackageSpec = { name: 'aot-over', version: '1.0-1', files: { '/usr/bin/htop': 'layered\n' } };

let world: LayerWorld;
/** Of htop in the base. */
let htop: string;
let over: string;

beforeAll(async () => {
  world = await layerWorld('layer-force', [OVER]);
  htop = (await world.run(['cat', '/usr/bin/htop'])).stdout;
  over = await file(OVER);
});

afterAll(() => world?.server.close());

async function file(spec: PackageSpec): Promise<string> {
  writeFileSync(join(world.sysroot, `ostree/deploy/debian/var/${spec.name}.deb`), await buildDeb(spec));
  return `/var/${spec.name}.deb`;
}

const packages = async () => (await world.status()).deployments[0]?.origin.packages;
const FULL = /^[0-9a-f]{64}:aot-over_1\.0-1_all$/;

test('without it, file and both packages are named, and nothing is deployed', async () => {
  const before = await world.deployed();
  const { exitCode, stderr } = await world.aot('install', over);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/aot-over.*\n?.*trying to overwrite '\/usr\/bin\/htop', which is also in package htop /);
  expect(await world.deployed()).toEqual(before);
});

test('with it, the file of the layered package wins; the one of the base is there again when it is taken out', async () => {
  for (const name of ['aot-over', 'aot-over_1.0-1_all']) {
    await world.done('install', '--force-replacefiles', over);
    expect(await packages()).toMatchObject({
      requestedLocal: [],
      requestedLocalFileoverride: [expect.stringMatching(FULL)],
    });
    expect(await world.next('usr/bin/htop')).toBe('layered\n');
    expect(await world.done('status')).toContain('LocalForcedPackages: aot-over_1.0-1_all\n');
    await world.done('uninstall', name);
    expect(await packages()).toMatchObject({ requestedLocalFileoverride: [] });
    expect(await world.next('usr/bin/htop')).toBe(htop);
  }
});

test('it stays so over an upgrade, and dpkg of the machine knows whose the file is', async () => {
  await world.done('install', '--force-replacefiles', over);
  await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-base': 'newer\n' } });
  await world.done('upgrade');
  expect(await world.next('usr/share/aot-base')).toBe('newer\n');
  expect(await world.next('usr/bin/htop')).toBe('layered\n');
  await world.reboot();
  expect((await world.run(['dpkg', '--search', '/usr/bin/htop'])).stdout).toBe('aot-over: /usr/bin/htop\n');
  expect((await world.run(['dpkg', '--audit'])).stdout).toBe('');
});

test('it is for packages from files: an archive has none that must win', async () => {
  const { exitCode, stderr } = await world.aot('install', '--force-replacefiles', 'aot-over');
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("option '--force-replacefiles' is for packages from files"),
  });
});
