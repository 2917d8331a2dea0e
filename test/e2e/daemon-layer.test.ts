import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildArchive, type Served, serve } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BusWorld, busWorld, NOBODY } from '../lib/bus-world.ts';
import { SCRATCH } from '../lib/checkout.ts';

const RULES = `polkit.addRule(function (action, subject) {
  if (action.id === 'org.aptostree1.install-uninstall-packages' && subject.user === 'nobody') return polkit.Result.YES;
  if (action.id.indexOf('org.aptostree1.') === 0) return polkit.Result.NO;
});
`;

let world: BusWorld;
let server: Served;

beforeAll(async () => {
  world = await busWorld('daemon-layer', { rules: RULES });
  const directory = join(SCRATCH, 'daemon-layer-archive');
  mkdirSync(directory, { recursive: true });
  server = await serve(directory);
  const packages = [{ name: 'aot-by-daemon', files: { '/usr/share/aot-by-daemon': 'x\n' } }];
  const built = await buildArchive({ directory, packages, architectures: ['amd64'] });
  world.write('/etc/apt/sources.list.d/test.sources', built.sources(server.url));
  await world.daemon();
});
afterAll(async () => {
  await world.close();
  await server.close();
});

const requested = async () => (await world.status()).deployments[0]?.origin.packages.requested;

test('who is let by polkit layers a package of the archive, and takes it out again', async () => {
  const { exitCode, stdout, stderr } = await world.client(['install', 'aot-by-daemon'], { uid: NOBODY });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain('Added:\n  aot-by-daemon');
  expect(await requested()).toEqual(['aot-by-daemon']);
  const again = await world.client(['install', '--idempotent', '--unchanged-exit-77', 'aot-by-daemon'], {
    uid: NOBODY,
  });
  expect(again).toMatchObject({ exitCode: 77 });
  expect(await world.client(['uninstall', 'aot-by-daemon'], { uid: NOBODY })).toMatchObject({ exitCode: 0 });
  expect(await requested()).toEqual([]);
});

test('no file of the machine is opened for somebody', async () => {
  const file = await world.client(['install', '/root/x.deb'], { uid: NOBODY });
  expect(file).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('needs the rights of root') });
  const { stderr } = await world.exec(
    [
      ...['busctl', '--system', 'call', 'org.aptostree1', '/org/aptostree1/debian', 'org.aptostree1.OS', 'PkgChange'],
      ...['a{sv}asas', '0', '1', '/root/x.deb', '0'],
    ],
    { uid: NOBODY },
  );
  expect(stderr).toContain('packages of the archives only');
});

test('layering can be locked, for root too', async () => {
  world.write('/etc/apt-ostreed.conf', '[Daemon]\nLockLayering=true\n');
  expect(await world.client(['reload'])).toMatchObject({ exitCode: 0 });
  expect((await world.client(['install', 'aot-by-daemon'])).stderr).toContain('layering is locked');
  const direct = await world.client(['install', 'aot-by-daemon'], { env: { APT_OSTREE_DIRECT: '1' } });
  expect(direct.stderr).toContain('says LockLayering=true');
  expect(await requested()).toEqual([]);
});
