import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatOrigin } from '@apt-ostree/host';
import { type ArchivePackage, buildDeb } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Commits } from '../lib/commits.ts';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

const PACKAGES: ArchivePackage[] = [
  { name: 'aot-foo', version: '1.0-1', files: { '/usr/bin/aot-foo': 'foo\n' } },
  { name: 'aot-bar', version: '1.0-1', control: { Depends: 'aot-lib', Provides: 'aot-virtual' } },
  { name: 'aot-lib', version: '2.0-1', files: { '/usr/lib/aot-lib': 'lib\n' } },
  {
    name: 'aot-scripts',
    version: '1.0-1',
    files: {
      '/usr/share/aot/data': 'data\n',
      '/etc/aot.conf': 'setting\n',
      '/opt/aot/tool': 'tool\n',
      '/usr/local/bin/aot': 'one\n',
    },
    conffiles: ['/etc/aot.conf'],
    scripts: {
      preinst: 'test -x /usr/bin/dpkg-query; echo "$1" > /usr/share/aot-preinst',
      postinst: 'dpkg-query --show bash > /usr/share/aot-asked; mkdir -p /var/lib/aot; echo x > /var/lib/aot/state',
    },
  },
];

let world: LayerWorld;

beforeAll(async () => {
  world = await layerWorld('layer-install', PACKAGES);
});

afterAll(() => world?.server.close());

test('a package is layered on the base, and nothing else changes', async () => {
  const stdout = await world.done('install', 'aot-foo');
  expect(stdout).toBe(
    'Added:\n  aot-foo_1.0-1_all\nChanges queued for next boot. Run "systemctl reboot" to start a reboot\n',
  );
  const [next] = (await world.status()).deployments;
  expect(next).toMatchObject({
    staged: true,
    origin: { refspec: world.refspec, packages: { requested: ['aot-foo'] } },
  });
  expect(formatOrigin(next?.origin as never)).toContain(
    `[origin]\nbaserefspec=${world.refspec}\n\n[packages]\nrequested=aot-foo;\n`,
  );
  const { stdout: difference } = await world.run([
    'ostree',
    'diff',
    '--repo=/ostree/repo',
    world.commit,
    next?.checksum ?? '',
  ]);
  expect(difference.trim().split('\n').sort()).toEqual([
    'A    /usr/bin/aot-foo',
    'A    /usr/lib/sysimage/dpkg/info/aot-foo.list',
    'A    /usr/lib/sysimage/dpkg/info/aot-foo.md5sums',
    'M    /usr/lib/sysimage/dpkg/status',
  ]);
});

test('status tells the base from the layer', async () => {
  const text = await world.done('status');
  expect(text).toContain(`BaseCommit: ${world.commit}\n`);
  expect(text).toContain('LayeredPackages: aot-foo\n');
  const { deployments } = JSON.parse(await world.done('status', '--json'));
  expect(deployments[0]).toMatchObject({
    'base-checksum': world.commit,
    packages: ['aot-foo'],
    'requested-packages': ['aot-foo'],
  });
  expect(deployments[1]).toMatchObject({ packages: [], 'requested-packages': [] });
});

test('what is requested already, or not at all, is refused; with --idempotent nothing happens', async () => {
  const before = await world.deployed();
  expect((await world.aot('install', 'aot-foo')).stderr).toContain(
    "error: Package/capability 'aot-foo' is already requested",
  );
  expect((await world.aot('uninstall', 'aot-bar', 'aot-no')).stderr).toContain(
    "error: Package/capability 'aot-bar' is not currently requested; Package/capability 'aot-no' is not currently requested",
  );
  expect(await world.done('install', '--idempotent', 'aot-foo')).toBe('No change.\n');
  expect(await world.aot('install', '--idempotent', '--unchanged-exit-77', 'aot-foo')).toMatchObject({ exitCode: 77 });
  expect(await world.done('uninstall', '--idempotent', 'aot-bar')).toBe('No change.\n');
  expect(await world.deployed()).toEqual(before);
});

test('all packages that are missing are named, and nothing is deployed', async () => {
  const before = await world.deployed();
  const { exitCode, stderr } = await world.aot('install', 'aot-no', 'aot-nothing', 'aot-lib');
  expect(exitCode).toBe(1);
  expect(stderr).toContain("packages not found: 'aot-no', 'aot-nothing'");
  expect(await world.deployed()).toEqual(before);
});

describe('what the base has already', () => {
  test('is refused', async () => {
    const { exitCode, stderr } = await world.aot('install', 'htop');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /"htop" is already provided by: htop_\S+_amd64. Use --allow-inactive to explicitly require it/,
    );
  });
  test('and may be requested for later', async () => {
    await world.done('install', '--allow-inactive', 'htop');
    expect(await world.done('status', '-v')).toContain('InactiveRequests: htop\n');
    expect((await world.status()).deployments[0]?.origin.packages.requested).toEqual(['aot-foo', 'htop']);
    await world.done('uninstall', 'htop');
  });
});

test('--dry-run says what would come, and does nothing', async () => {
  const before = await world.deployed();
  expect(await world.done('install', '-n', 'aot-bar')).toBe(
    "Installing 3 packages:\n  aot-bar_1.0-1_all (archive)\n  aot-foo_1.0-1_all (archive)\n  aot-lib_2.0-1_all (archive)\nExiting because of '--dry-run' option\n".replaceAll(
      '(archive)',
      `(${await sourceName()})`,
    ),
  );
  expect(await world.deployed()).toEqual(before);
});

/** Sources of a machine are called by the path of their URI, which is empty here. */
const sourceName = async (): Promise<string> => 'archive';

test('a virtual name, a dependency, a preinst, a conffile, /opt and /var', async () => {
  const stdout = await world.done('install', 'aot-virtual', 'aot-scripts');
  expect(stdout).toContain(
    'Added:\n  aot-bar_1.0-1_all\n  aot-foo_1.0-1_all\n  aot-lib_2.0-1_all\n  aot-scripts_1.0-1_all\n',
  );
  expect(await world.next('usr/share/aot-preinst')).toBe('install\n');
  expect(await world.next('usr/share/aot-asked')).toMatch(/^bash\t/);
  expect(await world.next('usr/etc/aot.conf')).toBe('setting\n');
  expect(await world.next('usr/lib/opt/aot/tool')).toBe('tool\n');
  expect(await world.next('usr/lib/usrlocal/bin/aot')).toBe('one\n');
  expect(await world.next('usr/lib/tmpfiles.d/aot-var.conf')).toMatch(
    /^C \/var\/lib\/aot\/state 0644 root root -$.*^L \/var\/opt\/aot - - - - \.\.\/\.\.\/usr\/lib\/opt\/aot$/ms,
  );
});

test('a request is gone by its name; the last one gone, the base itself is deployed', async () => {
  await world.done('remove', 'aot-virtual');
  expect((await world.status()).deployments[0]?.origin.packages.requested).toEqual(['aot-foo', 'aot-scripts']);
  await world.done('uninstall', '--all');
  const { deployments } = await world.status();
  expect(deployments[0]).toMatchObject({ checksum: world.commit, origin: { refspec: world.refspec } });
  expect(formatOrigin(deployments[0]?.origin as never)).toContain(`refspec=${world.refspec}\n`);
});

test('the same layer again is the same commit, with its cache and without', async () => {
  await world.done('install', 'aot-scripts');
  const [first] = await world.deployed();
  await world.done('uninstall', 'aot-scripts');
  expect((await world.deployed())[0]).toBe(world.commit);
  await world.done('install', 'aot-scripts');
  expect((await world.deployed())[0]).toBe(first);
  await world.done('uninstall', 'aot-scripts');
  rmSync(join(world.sysroot, 'ostree/repo/extensions/apt-ostree/layers'), { recursive: true });
  await world.done('install', 'aot-scripts');
  expect((await world.deployed())[0]).toBe(first);
});

test('after a reboot it is there, and over an upgrade it stays', async () => {
  await world.reboot();
  expect((await world.run(['cat', '/etc/aot.conf'])).stdout).toBe('setting\n');
  expect((await world.run(['dpkg', '--audit'])).stdout).toBe('');
  expect((await world.run(['dpkg-query', '--show', '-f', '${db:Status-Status}', 'aot-scripts'])).stdout).toBe(
    'installed',
  );
  expect(await world.done('upgrade')).toBe('No upgrade available.\n');
  const base = await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-newer': 'newer\n' } });
  const look = await world.done('upgrade', '--check');
  expect(look).toMatch(new RegExp(`^AvailableUpdate:\n +Version: 13\\.1 .*\n +Commit: ${base}\n$`));
  await world.done('upgrade');
  const [next] = (await world.status()).deployments;
  expect(next?.origin.packages.requested).toEqual(['aot-scripts']);
  expect(await new Commits(join(world.sysroot, 'ostree/repo')).parent(next?.checksum ?? '')).toBe(base);
  expect(await world.next('usr/share/aot-newer')).toBe('newer\n');
  expect(await world.next('usr/share/aot/data')).toBe('data\n');
});

test('a newer package is an upgrade by itself; where it has data, it is named', async () => {
  await world.reboot();
  expect(await world.aot('upgrade', '--check')).toMatchObject({ exitCode: 77, stdout: 'No updates available.\n' });
  const old = PACKAGES[3] as ArchivePackage;
  const files = { ...old.files, '/usr/local/bin/aot': 'two\n' };
  await world.offer([...PACKAGES.slice(0, 3), { ...old, version: '1.1-1', files }]);
  expect(await world.done('upgrade', '--check')).toBe('AvailableUpdate:\n           Diff: 1 upgraded\n');
  expect(await world.done('upgrade', '--preview')).toBe(
    'AvailableUpdate:\n       Upgraded: aot-scripts 1.0-1 -> 1.1-1\n',
  );
  expect(await world.done('status')).toContain('AvailableUpdate:\n           Diff: 1 upgraded\n');
  const { 'cached-update': update } = JSON.parse(await world.done('status', '--json'));
  expect(update).toMatchObject({
    'ref-has-new-commit': false,
    'rpm-diff': { upgraded: [[1, 'aot-scripts', expect.anything(), expect.anything()]] },
  });
  expect(update).not.toHaveProperty('checksum');
  const data = join(world.sysroot, 'ostree/deploy/debian/var/lib/aot');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'state'), 'of before\n');
  const { stdout, stderr } = await world.aot('upgrade');
  expect(stdout).toContain('Upgraded:\n  aot-scripts 1.0-1 -> 1.1-1\n');
  expect(stderr).toContain("'aot-scripts' has data in '/var/lib/aot', which its scripts did not see");
  expect(readFileSync(join(data, 'state'), 'utf8')).toBe('of before\n');
  expect(await world.next('usr/lib/usrlocal/bin/aot')).toBe('two\n');
});

test('rollback goes back to the layer before; reset to the base', async () => {
  await world.reboot();
  expect(await world.done('rollback')).toContain('Downgraded:\n  aot-scripts 1.1-1 -> 1.0-1\n');
  await world.done('rollback');
  expect(await world.done('reset')).toContain('Removed:\n  aot-scripts_1.1-1_all\n');
  expect((await world.status()).deployments[0]?.origin.packages.requested).toEqual([]);
  expect(await world.done('reset', '--install', 'aot-foo')).toContain('Added:\n  aot-foo_1.0-1_all\n');
});

test('a package from a file is that file, until it is taken out by its name', async () => {
  const deb = await buildDeb({ name: 'aot-local', version: '3.0-1', files: { '/usr/share/aot-local': 'local\n' } });
  writeFileSync(join(world.sysroot, 'ostree/deploy/debian/var/local.deb'), deb);
  expect(await world.done('install', '/var/local.deb')).toContain('  aot-local_3.0-1_all\n');
  const [next] = (await world.status()).deployments;
  expect(next?.origin.packages.requestedLocal).toEqual([expect.stringMatching(/^[0-9a-f]{64}:aot-local_3\.0-1_all$/)]);
  expect(await world.done('status')).toContain('LocalPackages: aot-local_3.0-1_all\n');
  expect(await world.next('usr/share/aot-local')).toBe('local\n');
  await world.done('uninstall', 'aot-local');
  expect(await world.next('usr/share/aot-local')).toBeUndefined();
});
