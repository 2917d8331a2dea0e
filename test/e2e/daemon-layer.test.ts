import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildArchive, type Served, serve } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BusWorld, busWorld, NOBODY } from '../lib/bus-world.ts';
import { SCRATCH } from '../lib/checkout.ts';

const RULES = `polkit.addRule(function (action, subject) {
  if (/\\.install-\\w+-packages$/.test(action.id) && subject.user === 'nobody') return polkit.Result.YES;
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
  const security = join(directory, 'security');
  mkdirSync(security, { recursive: true });
  const fixed = { name: 'aot-fixed', version: '2.0-1', architecture: 'all' };
  const secured = await buildArchive({ directory: security, label: 'Debian-Security', packages: [fixed] });
  world.write('/etc/apt/sources.list.d/security.sources', secured.sources(`${server.url}/security`));
  const packages = [
    { name: 'aot-recommends', control: { Recommends: 'aot-by-daemon' } },
    {
      ...{ name: 'aot-by-daemon', version: '1.0-1', architecture: 'amd64' },
      ...{ control: { Provides: 'aot-virtual' }, files: { '/usr/share/aot-by-daemon': 'x\n' } },
    },
  ];
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

const OS = ['/debian', 'org.aptostree1.OS'] as const;
const rows = async (method: string, ...words: string[]) => {
  const call = ['busctl', '--system', '--json=short', 'call', 'org.aptostree1', `/org/aptostree1${OS[0]}`, OS[1]];
  const { stdout, stderr } = await world.exec([...call, method, ...words], { uid: NOBODY });
  expect(stderr).toBe('');
  return JSON.parse(stdout).data[0].map((row: Record<string, { data: unknown }>) =>
    Object.fromEntries(Object.entries(row).map(([key, { data }]) => [key, data])),
  );
};

test('what the archives have, for everybody', async () => {
  const row = {
    ...{ name: 'aot-by-daemon', epoch: 0, version: '1.0', evr: '1.0-1', arch: 'amd64' },
    ...{ nevra: 'aot-by-daemon_1.0-1_amd64', reponame: 'archive testkit' },
  };
  expect(await rows('GetPackages', 'as', '2', 'aot-by-daemon', 'aot-is-not-there')).toEqual([
    { ...row, key: 'aot-by-daemon', summary: expect.any(String) },
  ]);
  expect(await rows('Search', 'as', '1', 'by-dae*')).toEqual([]);
  expect(await rows('Search', 'as', '1', 'aot-BY')).toMatchObject([{ ...row, key: 'both' }]);
  expect(await rows('WhatProvides', 'as', '1', 'aot-virtual')).toMatchObject([row]);
  expect(await rows('WhatProvides', 'as', '0')).toEqual([]);
});

test('a source is switched off and on', async () => {
  const listed = async () => (await rows('ListRepos')).find((r: { id: string }) => r.id === 'test.sources:1');
  expect(await listed()).toMatchObject({ 'is-enabled': true, 'is-source': false, 'is-devel': false });
  const modify = (value: string) =>
    world.transaction('ModifyYumRepo', 'sa{ss}', ['test.sources:1', new Map([['enabled', value]])]);
  const before = readFileSync(join(world.root(), 'etc/apt/sources.list.d/test.sources'), 'utf8');
  expect(await modify('0')).toBe('');
  expect(await listed()).toMatchObject({ 'is-enabled': false });
  expect(await modify('1')).toBe('');
  expect(await listed()).toMatchObject({ 'is-enabled': true });
  expect(readFileSync(join(world.root(), 'etc/apt/sources.list.d/test.sources'), 'utf8')).toBe(
    `Enabled: yes\n${before}`,
  );
  expect(await modify('2')).toContain("'enabled' cannot be '2'");
  const other = ['other.sources:1', new Map([['enabled', '1']])];
  expect(await world.transaction('ModifyYumRepo', 'sa{ss}', other)).toBe("cannot find the source 'other.sources:1'");
});

test('no file of the machine is opened for somebody', async () => {
  const file = await world.client(['install', '/root/x.deb'], { uid: NOBODY });
  expect(file).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("cannot read package '/root/x.deb'") });
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
