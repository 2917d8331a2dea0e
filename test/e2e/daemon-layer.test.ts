import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { connectBus, Variant } from '@apt-ostree/dbus';
import { buildArchive, buildDeb, type Served, serve } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusWorld, busWorld, NOBODY } from '../lib/bus-world.ts';
import { scratch } from '../lib/scratch.ts';

const RULES = `polkit.addRule(function (action, subject) {
  if (/\\.install-\\w+-packages$/.test(action.id) && subject.user === 'nobody') return polkit.Result.YES;
  if (action.id.indexOf('org.aptostree1.') === 0) return polkit.Result.NO;
});
`;

let world: BusWorld;
let server: Served;

beforeAll(async () => {
  world = await busWorld('daemon-layer', { rules: RULES });
  const directory = scratch('daemon-layer-archive');
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

describe('a package that is a file', () => {
  const FILE = '/run/local/aot-local.deb';
  const requestedLocal = async () => (await world.status()).deployments[0]?.origin.packages.requestedLocal;

  beforeAll(async () => {
    const file = { name: 'aot-local', files: { '/usr/share/aot-local': 'x\n' } };
    mkdirSync(join(world.runtime, 'local'));
    writeFileSync(join(world.runtime, 'local/aot-local.deb'), await buildDeb(file));
  });

  test('is layered for who may read it and is let by polkit', async () => {
    const { exitCode, stdout, stderr } = await world.client(['install', FILE], { uid: NOBODY });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain('Added:\n  aot-local');
    expect(await requestedLocal()).toEqual([expect.stringMatching(/^[0-9a-f]{64}:aot-local_1\.0-1_all$/)]);
    expect(await world.client(['uninstall', 'aot-local'], { uid: NOBODY })).toMatchObject({ exitCode: 0 });
    expect((await world.exec(['ls', '/var/cache/apt-ostree/uploads'])).stdout).toBe('');
  });

  test('has the size and the digest that were said before, or is none', async () => {
    const sent = async (sha256: string, size: bigint, text: string) => {
      const bus = await connectBus(`unix:path=${join(world.runtime, 'dbus/system_bus_socket')}`);
      const at = { destination: 'org.aptostree1', path: '/org/aptostree1/debian', interface: 'org.aptostree1.OS' };
      const [address] = await bus.connection.call({
        ...{ ...at, member: 'OpenUpload', signature: 'sst', body: ['install', sha256, size] },
      });
      const socket = createConnection(String(address).replace('unix:path=/run', world.runtime));
      socket.end(text);
      const answer = (await socket.toArray()).join('');
      const use = { ...at, member: 'UpdateDeployment', signature: 'a{sv}a{sv}' };
      const modifiers = new Map([['install-uploaded-packages', new Variant('as', [sha256])]]);
      const used = await bus.connection.call({ ...use, body: [modifiers, new Map()] }).catch((e: Error) => e.message);
      bus.connection.destroy();
      return [answer, used];
    };
    const none = expect.stringMatching(/^no file with the digest/);
    const digest = createHash('sha256').update('abc').digest('hex');
    expect(await sent(digest, 3n, 'abd')).toEqual(['it has another digest\n', none]);
    expect(await sent(digest, 3n, 'ab')).toEqual(['it is shorter than was said\n', none]);
    expect(await sent(digest, 3n, 'abcd')).toEqual(['it is longer than was said\n', none]);
    expect((await sent(digest, 3n, 'abc'))[0]).toBe('\n');
    await expect(sent(digest, 0n, '')).rejects.toThrow('the file is empty');
    await expect(sent('../x', 3n, '')).rejects.toThrow('no digest');
  });

  test('cannot be a descriptor: that is said, by the daemon or by the bus, and it lives', async () => {
    const script = `
import dbus
o = dbus.SystemBus().get_object('org.aptostree1', '/org/aptostree1/debian')
none = dbus.Dictionary({}, signature='sv')
def refused(interface, method, *args):
    try: getattr(dbus.Interface(o, 'org.aptostree1.' + interface), method)(*args)
    except dbus.DBusException as e: print(e.get_dbus_name().split('.')[-1], e.get_dbus_message())
for files in [], [dbus.types.UnixFd(0)]:
    for name in 'install-local', 'install-fileoverride-local', 'override-replace-local':
        handles = dbus.Array(files, signature='h')
        refused('OS', 'UpdateDeployment', dbus.Dictionary({name + '-packages': handles}, signature='sv'), none)
refused('OSExperimental', 'DownloadPackages', dbus.Array(['bash'], signature='s'), '')`;
    const { stdout, stderr } = await world.exec(['python3', '-c', script]);
    expect(stderr).toBe('');
    const lines = stdout.trim().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      "NotInThisVersion not in this version: 'install-local-packages'",
      "NotInThisVersion not in this version: 'install-fileoverride-local-packages'",
      "NotInThisVersion not in this version: 'override-replace-local-packages'",
    ]);
    for (const line of lines.slice(3, 6)) expect(line).toMatch(/^NotSupported .*file descriptors/);
    expect(lines.slice(6)).toEqual([
      "NotInThisVersion not in this version: 'DownloadPackages', which hands over file descriptors",
    ]);
    expect(await world.client(['daemon-ping'])).toMatchObject({ exitCode: 0 });
  });

  test('may not take the place of one of the base for who may only layer', async () => {
    const { stderr } = await world.client(['override', 'replace', FILE], { uid: NOBODY });
    expect(stderr).toContain("'org.aptostree1.override' is not granted");
    const { exitCode, stderr: direct } = await world.client(['override', 'replace', FILE]);
    expect({ exitCode, direct }).toMatchObject({ exitCode: 1, direct: expect.stringContaining('aot-local') });
  });
});

test('recommended packages come, or do not', async () => {
  const added = async (setting: string) => {
    world.write('/etc/apt-ostreed.conf', `[Daemon]\nRecommends=${setting}\n`);
    return (await world.client(['install', '--dry-run', 'aot-recommends'])).stdout;
  };
  expect(await added('true')).toContain('aot-by-daemon');
  for (const without of ['false', 'base']) {
    expect(await added(without)).toContain('aot-recommends');
    expect(await added(without)).not.toContain('aot-by-daemon');
  }
});

test('security updates that an upgrade brings are told one by one', async () => {
  const fixed = { name: 'aot-fixed', version: '2.0-1', architecture: 'all' };
  const other = { name: 'aot-other', version: '2.0-1', architecture: 'all' };
  const of = (p: typeof fixed) => ({ ...p, sourcePackage: 'aot-source', sourceVersion: '2.0-1' });
  await world.client(['cleanup', '-p']);
  const next = await world.nextCommit({ packages: (all) => [...all, of(fixed), of(other)] });
  expect(await world.client(['refresh-md'])).toMatchObject({ exitCode: 0 });
  const { stdout } = await world.client(['upgrade', '--check']);
  expect(stdout).toMatch(/^ *SecAdvisories: 1 unknown severity$/m);
  const line = /SecAdvisories: aot-source_2\.0-1 {2}Unknown {2}aot-fixed_2\.0-1_all$/m;
  expect((await world.client(['upgrade', '--preview'])).stdout).toMatch(line);
  expect((await world.client(['status'])).stdout).toMatch(/SecAdvisories: 1 unknown severity$/m);
  expect((await world.client(['status', '-a'], { uid: NOBODY })).stdout).toMatch(line);
  const cached = ['org.aptostree1', '/org/aptostree1/debian', 'org.aptostree1.OS', 'CachedUpdate'];
  const property = await world.exec(['busctl', '--system', '--json=short', 'get-property', ...cached]);
  expect(JSON.parse(property.stdout).data.advisories).toEqual({
    type: 'a(suuasa{sv})',
    data: [['aot-source_2.0-1', 1, 0, ['aot-fixed_2.0-1_all'], {}]],
  });
  const db = async (...words: string[]) => (await world.client(['db', ...words])).stdout;
  const section = 'SecAdvisories:\n  aot-source_2.0-1  Unknown  aot-fixed_2.0-1_all\n';
  expect(await db('diff', '--advisories', world.commit, next)).toMatch(new RegExp(`Added:\n[^]*${section}$`));
  expect(await db('diff', '--advisories', next, world.commit)).not.toContain('SecAdvisories');
  expect(JSON.parse(await db('diff', '-a', '-F', 'json', world.commit, next)).advisories).toEqual([
    ['aot-source_2.0-1', 1, 0, ['aot-fixed_2.0-1_all'], {}],
  ]);
  expect(await db('list', '--advisories', next, 'aot-')).toBe(
    `ostree commit: ${next}\n aot-fixed_2.0-1_all\n aot-other_2.0-1_all\n${section.replace('  aot', ' aot')}`,
  );
});

test('layering can be locked, for root too', async () => {
  world.write('/etc/apt-ostreed.conf', '[Daemon]\nLockLayering=true\n');
  expect(await world.client(['reload'])).toMatchObject({ exitCode: 0 });
  const install = (env = {}) => world.client(['install', 'aot-by-daemon', '--json-errors'], { env });
  const [through, direct] = [await install(), await install({ APT_OSTREE_DIRECT: '1' })];
  expect(direct.stderr).toContain('says LockLayering=true');
  expect(through.stderr).toBe(direct.stderr);
  expect(await requested()).toEqual([]);
});
