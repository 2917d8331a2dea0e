import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivePackage, buildArchive, buildDeb, type PackageSpec, signingKey } from '@apt-ostree/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

// Where a layered package comes from: suites, architectures, and archives that do not count.

const file = (name: string, text: string) => ({ [`/usr/share/${name}`]: `${text}\n` });

const PACKAGES: ArchivePackage[] = [
  { name: 'aot-foo', version: '1.0-1', files: file('aot-foo', 'stable') },
  { name: 'aot-uses', control: { Depends: 'aot-foo' }, files: file('aot-uses', 'x') },
];
const BACKPORTS: ArchivePackage[] = [
  { name: 'aot-foo', version: '2.0-1~bpo1', files: file('aot-foo', 'backport') },
  { name: 'htop', version: '99-1~bpo1', architecture: 'amd64' },
];
const BOTH: ArchivePackage[] = [
  { name: 'aot-lib', architecture: 'amd64', control: { 'Multi-Arch': 'same' }, files: file('aot-lib-amd64', 'x') },
  { name: 'aot-lib', architecture: 'i386', control: { 'Multi-Arch': 'same' }, files: file('aot-lib-i386', 'x') },
  { name: 'aot-single', architecture: 'i386', files: file('aot-single', 'x') },
  { name: 'aot-any', files: file('aot-any', 'x') },
];

let world: LayerWorld;
let before: string[];

beforeAll(async () => {
  world = await layerWorld('layer-archives', PACKAGES);
  await addArchive('backports', BACKPORTS, { codename: 'testkit-backports', suite: 'stable-backports' });
});

afterAll(() => world?.server.close());

beforeEach(async () => {
  await world.done('cleanup', '--pending');
  before = await world.deployed();
});

type Options = Omit<Parameters<typeof buildArchive>[0], 'packages' | 'directory'>;

/** One more archive of the machine, in a directory of the first; the server has it at once. */
async function addArchive(name: string, packages: readonly ArchivePackage[], options: Options): Promise<void> {
  const directory = join(world.archive, name);
  mkdirSync(directory, { recursive: true });
  const archive = await buildArchive({ architectures: ['amd64'], ...options, directory, packages });
  world.write(`/etc/apt/sources.list.d/${name}.sources`, archive.sources(`${world.server.url}/${name}`));
}

const removeArchive = (name: string) => world.run(['rm', `/etc/apt/sources.list.d/${name}.sources`]);

const requested = async () => (await world.status()).deployments[0]?.origin.packages.requested;

async function refused(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await world.aot(...words);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(await world.deployed()).toEqual(before);
  return stderr;
}

describe('NAME/SUITE', () => {
  test('is the package of that suite, by its codename or its suite; without, the newest of all', async () => {
    for (const [request, text] of [
      ['aot-foo/testkit', 'stable\n'],
      ['aot-foo/testkit-backports', 'backport\n'],
      ['aot-foo/stable-backports', 'backport\n'],
      ['aot-foo', 'backport\n'],
    ] as const) {
      await world.done('install', request);
      expect(await requested(), request).toEqual([request]);
      expect(await world.next('usr/share/aot-foo'), request).toBe(text);
      await world.done('cleanup', '--pending');
    }
  });

  test('stays with that suite over an upgrade, also when another has a newer one', async () => {
    await world.done('install', 'aot-foo/testkit', 'aot-uses');
    await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-base': 'newer\n' } });
    await world.done('upgrade');
    expect(await world.next('usr/share/aot-base')).toBe('newer\n');
    expect(await world.next('usr/share/aot-foo')).toBe('stable\n');
    await world.done('uninstall', 'aot-foo');
    expect(await requested()).toEqual(['aot-uses']);
    expect(await world.next('usr/share/aot-foo')).toBe('backport\n');
  });

  test('a suite that nobody has, or that lacks the package, is named with what there is', async () => {
    const said = await refused('install', 'aot-foo/nowhere', 'aot-uses/testkit-backports');
    expect(said).toContain("'aot-foo/nowhere': there is 1.0-1 (");
    expect(said).toMatch(/'aot-foo\/nowhere': there is .*2\.0-1~bpo1 \(backports testkit-backports\)/);
    expect(said).toMatch(/'aot-uses\/testkit-backports': there is 1\.0-1 \(\S+ testkit\)/);
  });

  test('of a package of the base is another version of it, which is refused', async () => {
    expect(await refused('install', 'htop/testkit-backports')).toMatch(/'htop' \S+ would be upgraded to 99-1~bpo1/);
  });
});

describe('NAME:ARCHITECTURE', () => {
  beforeAll(() => addArchive('both', BOTH, { codename: 'both', architectures: ['amd64', 'i386'] }));

  test('own, foreign and all', async () => {
    await world.done('install', 'aot-lib:amd64', 'aot-lib:i386', 'aot-single:i386', 'aot-any:all');
    expect((await requested())?.sort()).toEqual(['aot-any:all', 'aot-lib:amd64', 'aot-lib:i386', 'aot-single:i386']);
    for (const name of ['aot-lib-amd64', 'aot-lib-i386', 'aot-single', 'aot-any'])
      expect(await world.next(`usr/share/${name}`), name).toBe('x\n');
    await world.reboot();
    const listed = await world.run(['dpkg-query', '--show', '-f', '${Package}:${Architecture}\n', 'aot-*']);
    expect(listed.stdout.trim().split('\n').sort()).toEqual([
      'aot-any:all',
      'aot-lib:amd64',
      'aot-lib:i386',
      'aot-single:i386',
    ]);
    expect((await world.run(['dpkg', '--print-foreign-architectures'])).stdout).toBe('i386\n');
    expect((await world.run(['dpkg', '--audit'])).stdout).toBe('');
    await world.done('uninstall', 'aot-lib:i386');
    expect((await requested())?.sort()).toEqual(['aot-any:all', 'aot-lib:amd64', 'aot-single:i386']);
    expect(await world.next('usr/share/aot-lib-i386')).toBeUndefined();
    expect(await world.next('usr/share/aot-lib-amd64')).toBe('x\n');
    await world.done('uninstall', '--all');
    await world.reboot();
  });

  test('that nobody has is named for every request', async () => {
    expect(await refused('install', 'aot-single:amd64', 'aot-any', 'aot-nothing:amd64')).toContain(
      "packages not found: 'aot-nothing:amd64', 'aot-single:amd64'\n",
    );
    expect(await refused('install', 'aot-lib:all', 'aot-any:all')).toContain(
      "packages not found: 'aot-lib:all': there is 1.0-1 (both both)\n",
    );
    expect(await refused('install', 'aot-lib:arm64')).toMatch(/aot-lib:arm64|arm64/);
  });

  test('of files, every one that is for another machine is named', async () => {
    const put = async (spec: PackageSpec) => {
      writeFileSync(join(world.sysroot, `ostree/deploy/debian/var/${spec.name}.deb`), await buildDeb(spec));
      return `/var/${spec.name}.deb`;
    };
    const files = [
      await put({ name: 'aot-arm', architecture: 'arm64' }),
      await put({ name: 'aot-fits' }),
      await put({ name: 'aot-power', architecture: 'ppc64el' }),
    ];
    const said = await refused('install', ...files);
    expect(said).toContain("'aot-arm_1.0-1_arm64' is for arm64, not amd64");
    expect(said).toContain("'aot-power_1.0-1_ppc64el' is for ppc64el, not amd64");
    expect(said).not.toContain('aot-fits');
    await removeArchive('both');
  });
});

describe('archives that are not trusted', () => {
  afterEach(async () => {
    for (const name of ['stranger', 'nobody']) await removeArchive(name);
  });

  test('every one is named, and none is used, whatever the package comes from', async () => {
    const stranger = [await signingKey('stranger')];
    await addArchive('stranger', PACKAGES, { codename: 'foreign', signers: stranger, signedBy: [await signingKey()] });
    await addArchive('nobody', PACKAGES, { codename: 'unsigned', signers: [], signedBy: [await signingKey()] });
    const said = await refused('install', 'aot-uses');
    expect(said).toContain("cannot use the index of 'nobody unsigned': it is not signed");
    expect(said).toContain("'stranger foreign': its signature is not by a key that the source trusts");
  });
});

test('no network: every archive that is not reached is named', async () => {
  world.write('/etc/apt/sources.list.d/away.list', 'deb http://127.0.0.2:1/debian away main\n');
  const said = await refused('install', 'aot-uses').finally(() =>
    world.run(['rm', '/etc/apt/sources.list.d/away.list']),
  );
  expect(said).toMatch(/cannot use the index of '\S+ away': it cannot be reached/);
});

describe('what is on hold', () => {
  /** A base whose dpkg has been told so: apt-mark(8) writes the same. */
  async function heldBase(change: (status: string) => string): Promise<void> {
    const status = readFileSync(join(world.root(), 'usr/lib/sysimage/dpkg/status'), 'utf8');
    await world.nextCommit({ version: '13.2', files: { 'usr/lib/sysimage/dpkg/status': change(status) } });
    await world.done('upgrade');
    await world.reboot();
    before = await world.deployed();
  }

  test('in the base: what would change it is refused, and says that it is held', async () => {
    await heldBase((status) => status.replace(/^(Package: htop\nStatus: )install/m, '$1hold'));
    expect((await world.run(['apt-mark', 'showhold'])).stdout).toBe('htop\n');
    await addArchive('needs', [{ name: 'aot-needs', control: { Depends: 'htop (>= 99)' } }], { codename: 'needs' });
    const said = await refused('install', 'aot-needs');
    expect(said).toMatch(/packages of the base would change: 'htop' \S+, which is on hold, would be upgraded to 99-1/);
    await world.done('install', 'aot-uses');
    expect(await world.next('usr/share/aot-uses')).toBe('x\n');
    expect(await world.next('usr/lib/sysimage/dpkg/status')).toMatch(/^Package: htop\nStatus: hold ok installed$/m);
  });

  test('before it is there: it is not layered, also not for another', async () => {
    await world.done('cleanup', '--pending');
    await heldBase(
      (status) => `${status}Package: aot-foo\nStatus: hold ok not-installed\nArchitecture: all\nSection: misc\n\n`,
    );
    for (const words of [['aot-foo'], ['aot-uses'], ['aot-needs', 'aot-uses']])
      expect(await refused('install', ...words)).toMatch(/on hold.*'aot-foo'|'aot-foo'.*on hold/);
  });
});
