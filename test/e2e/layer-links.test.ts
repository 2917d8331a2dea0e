import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

let world: LayerWorld;

const TOOLS = {
  name: 'aot-tools',
  files: {
    '/opt/aot/bin/tool': 'tool\n',
    '/opt/aot/bin/sh': { link: '../../../usr/bin/sh' },
    '/opt/aot/bin/same': { link: 'tool' },
    '/opt/aot-alias': { link: 'aot/bin' },
    '/usr/local/bin/aot': 'aot\n',
    '/usr/local/bin/aot-sh': { link: '../../bin/sh' },
    '/usr/local/bin/aot-same': { link: 'aot' },
    '/usr/local/bin/aot-etc': { link: '/etc/passwd' },
    '/usr/local/share/aot': { link: '../bin' },
    '/usr/local/share/aot-a/b/c': 'c\n',
    '/usr/local/share/aot-kept/file': 'file\n',
    '/usr/local/share/aot-before/b/c': 'c\n',
  },
};

/** What its links lead to, on any Debian. */
const LED = {
  '/opt/aot/bin/tool': '/opt/aot/bin/tool',
  '/opt/aot/bin/sh': '/usr/bin/dash',
  '/opt/aot/bin/same': '/opt/aot/bin/tool',
  '/opt/aot-alias/tool': '/opt/aot/bin/tool',
  '/usr/local/bin/aot': '/usr/local/bin/aot',
  '/usr/local/bin/aot-sh': '/usr/bin/dash',
  '/usr/local/bin/aot-same': '/usr/local/bin/aot',
  '/usr/local/bin/aot-etc': '/etc/passwd',
  '/usr/local/share/aot/aot': '/usr/local/bin/aot',
};

/** Links of the administrator: none is ours, though all but one lead nowhere. */
const OWN = {
  '/opt/own': '/opt/nowhere',
  '/opt/alias': '../../usr/lib/opt/aot',
  '/opt/deep/aot': '../../../usr/lib/opt/deep/aot',
  '/usr/local/bin/mine': '/usr/lib/usrlocal/bin/mine',
  '/usr/local/bin/other': '../../../usr/lib/usrlocal/bin/aot',
  '/usr/local/bin/works': '/usr/bin/true',
};

/** Directories of the administrator: one was there before the package, one is in a directory that was made for it. */
const OWN_DIRECTORIES = ['aot-before', 'aot-empty', 'aot-kept/own'].map((name) => `/var/usrlocal/share/${name}`);

beforeAll(async () => {
  world = await layerWorld('layer-links', [TOOLS, { name: 'aot-other', files: { '/usr/share/aot-other': 'other\n' } }]);
});

afterAll(() => world?.server.close());

/** Restarts, and does of a boot what makes and removes links. */
async function reboot(): Promise<void> {
  await world.reboot();
  const unit = (await world.run(['cat', '/usr/lib/systemd/system/sysinit.target.wants/aot-sweep-links.service']))
    .stdout;
  await world.run([/^ExecStart=(\S+)$/m.exec(unit)?.[1] ?? '']);
  await world.run(['systemd-tmpfiles', '--create', '--prefix=/var/opt', '--prefix=/var/usrlocal']);
}

const real = async (path: string) => (await world.run(['realpath', '--canonicalize-missing', path])).stdout.trim();
/** All links of /opt and /usr/local. */
const links = async () =>
  (await world.run(['find', '/var/opt', '/var/usrlocal', '-type', 'l'])).stdout.trim().split('\n').sort();

const directories = async () =>
  (await world.run(['find', '/var/usrlocal', '-type', 'd'])).stdout.trim().split('\n').sort();

let before: string[];
let directoriesBefore: string[];

test('the unit is one that systemd takes, before what makes links', async () => {
  await reboot();
  before = await links();
  directoriesBefore = await directories();
  const unit = '/usr/lib/systemd/system/aot-sweep-links.service';
  const { stdout, stderr } = await world.run(['systemd-analyze', 'verify', '--man=no', unit], { ok: 'any' });
  expect(stdout + stderr).not.toContain('aot-sweep-links');
});

test('links in what a package ships in /opt and /usr/local lead where they would elsewhere', async () => {
  await world.run(['mkdir', '/usr/local/share/aot-before']);
  await world.done('install', 'aot-tools');
  await reboot();
  for (const [path, target] of Object.entries(LED)) {
    const [led, expected] = [await real(path), await real(target)];
    expect(led, path).toBe(expected);
    await world.run(['test', '-e', path]);
  }
  expect(await real('/usr/local/man')).toBe('/var/usrlocal/share/man');
});

test('another layer on the same packages gives them the same way', async () => {
  const listing = async () =>
    (await world.run(['find', '/usr/lib/opt', '/usr/lib/usrlocal', '-printf', '%p %y %l\n'])).stdout;
  const one = await listing();
  await world.done('install', 'aot-other');
  await reboot();
  expect(await listing()).toBe(one);
});

test('when the package is gone its links and the directories that were made for it go, and no other', async () => {
  await world.run(['mkdir', '-p', '/opt/deep', ...OWN_DIRECTORIES]);
  for (const [path, target] of Object.entries(OWN)) await world.run(['ln', '-s', target, path]);
  await world.run(['sh', '-c', 'echo own > /opt/aot-own; echo own > /usr/local/share/own']);
  await world.done('uninstall', 'aot-tools');
  await reboot();
  const own = Object.keys(OWN).map((path) =>
    path.replace(/^\/opt/, '/var/opt').replace(/^\/usr\/local/, '/var/usrlocal'),
  );
  expect(await links()).toEqual([...before, ...own].sort());
  const kept = [...OWN_DIRECTORIES, '/var/usrlocal/share/aot-kept'];
  expect(await directories()).toEqual([...directoriesBefore, ...kept].sort());
  expect((await world.run(['cat', '/opt/aot-own', '/usr/local/share/own'])).stdout).toBe('own\nown\n');
});
