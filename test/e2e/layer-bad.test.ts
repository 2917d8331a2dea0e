import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivePackage, buildDeb, type PackageSpec } from '@apt-ostree/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

const PACKAGES: ArchivePackage[] = [
  { name: 'aot-good', files: { '/usr/share/aot-good': 'good\n' } },
  { name: 'aot-late', files: { '/usr/share/aot-late': 'late\n' } },
  { name: 'aot-conflicts', control: { Conflicts: 'htop' } },
  { name: 'aot-newer', control: { Depends: 'htop (>= 99)' } },
  { name: 'htop', version: '99-1', architecture: 'amd64' },
  { name: 'aot-needs', control: { Depends: 'aot-missing' } },
  { name: 'aot-home', files: { '/home/aot/file': 'x\n' } },
  { name: 'aot-run', files: { '/run/aot': 'x\n' } },
  { name: 'aot-overwrites', files: { '/usr/bin/htop': 'mine\n' } },
  { name: 'aot-fails', scripts: { postinst: 'echo what went wrong; exit 3' } },
  { name: 'aot-wipes', scripts: { postinst: 'rm -rf --no-preserve-root / 2>/dev/null; exit 1' } },
  { name: 'aot-endless', scripts: { postinst: 'while :; do sleep 1; done' } },
];

const SOURCES = '/etc/apt/sources.list.d/test.sources';

let world: LayerWorld;
let before: string[];

beforeAll(async () => {
  world = await layerWorld('layer-bad', PACKAGES);
});

afterAll(() => world?.server.close());

beforeEach(async () => {
  before = await world.deployed();
});

/** Whatever goes wrong, the deployments are as they were. */
afterEach(async () => {
  expect(await world.deployed()).toEqual(before);
});

async function refused(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await world.aot(...words);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  return stderr;
}

async function file(spec: PackageSpec): Promise<string> {
  writeFileSync(join(world.sysroot, `ostree/deploy/debian/var/${spec.name}.deb`), await buildDeb(spec));
  return `/var/${spec.name}.deb`;
}

describe('a package that does not fit the base', () => {
  test('because it would remove one', async () => {
    expect(await refused('install', 'aot-conflicts')).toMatch(
      /cannot layer 'aot-conflicts': packages of the base would change: 'htop' \S+ would be removed\nhint: .*override/,
    );
  });
  test('because it would upgrade one', async () => {
    expect(await refused('install', 'aot-newer')).toMatch(/'htop' \S+ would be upgraded to 99-1/);
  });
  test('because it would be another version of one', async () => {
    expect(await refused('install', 'htop=99-1')).toMatch(/'htop' \S+ would be upgraded to 99-1/);
  });
  test('because something is not there that it needs', async () => {
    expect(await refused('install', 'aot-needs')).toContain("'aot-needs' depends on aot-missing");
  });
});

describe('a package with something where nothing can be', () => {
  test.each([
    ['aot-home', '/home/aot'],
    ['aot-run', '/run/aot'],
  ])('%s', async (name, path) => {
    expect(await refused('install', name)).toContain(`'${name}' ships '${path}`);
  });
  test('a file of the base', async () => {
    expect(await refused('install', 'aot-overwrites')).toContain(
      "trying to overwrite '/usr/bin/htop', which is also in package htop",
    );
  });
});

describe('a file that is no package for this machine', () => {
  test('of another architecture', async () => {
    expect(await refused('install', await file({ name: 'aot-foreign', architecture: 'arm64' }))).toContain(
      'it is for arm64, not amd64',
    );
  });
  test('or no package at all, or not there', async () => {
    writeFileSync(join(world.sysroot, 'ostree/deploy/debian/var/none.deb'), 'none');
    expect(await refused('install', '/var/none.deb')).toContain("cannot use '/var/none.deb': it is no Debian package");
    expect(await refused('install', '/var/nowhere.deb')).toContain("cannot read package '/var/nowhere.deb'");
    expect(await refused('install', 'A B')).toContain("cannot layer 'A B': it is no package");
  });
});

describe('a script', () => {
  test('that fails shows its last lines', async () => {
    expect(await refused('install', 'aot-fails')).toContain(
      "cannot configure 'aot-fails:all': its postinst ended with 3\n| what went wrong\n",
    );
  });
  test('that removes everything removes nothing', async () => {
    expect(await refused('install', 'aot-wipes')).toContain("cannot configure 'aot-wipes:all'");
    expect((await world.run(['dpkg-query', '--show', 'bash'])).stdout).toContain('bash');
    const { stdout } = await world.run(['ostree', 'fsck', '--repo=/ostree/repo', '--quiet']);
    expect(stdout).not.toContain('corrupt');
  });
  test.each(['kill -INT $!', '/run/checkout/node_modules/.bin/apt-ostree cancel'])(
    'that never ends is ended by %s',
    async (ends) => {
      const script = `
      /run/checkout/node_modules/.bin/apt-ostree install aot-endless & pid=$!
      i=0; until grep -qs 'aot-endless.postins[t]' /proc/[0-9]*/cmdline || [ $i -gt 600 ]; do i=$((i+1)); sleep 0.2; done
      ${ends.replace('$!', '$pid')}
      wait $pid; echo "ended with $?"
      sleep 0.5; grep -ls 'aot-endless.postins[t]' /proc/[0-9]*/cmdline; mount | grep aot-tmp; true`;
      const { stdout } = await world.run(['sh', '-c', script]);
      expect(stdout).toMatch(/ended with [1-9]\d*\n$/);
    },
  );
});

test('an archive that is signed by somebody else, or by nobody', async () => {
  const file = join(world.root(), SOURCES);
  const before = readFileSync(file, 'utf8');
  const unsigned = `Types: deb\nURIs: ${world.server.url}/\nSuites: testkit\nComponents: main\n`;
  world.write(SOURCES, `${unsigned}Trusted: yes\n`);
  expect(await refused('install', 'aot-late')).toContain("'Trusted: yes' takes packages without a signature");
  world.write(SOURCES, unsigned);
  expect(await refused('install', 'aot-late')).toMatch(/cannot (use|verify) the index of 'archive testkit'/);
  writeFileSync(file, before);
});

test('an archive that is not there, and none at all', async () => {
  world.server.faults['*'] = { status: 503 };
  await world.done('cleanup', '--repomd');
  expect(await refused('install', 'aot-late')).toContain("cannot use the index of 'archive testkit'");
  rmSync(join(world.root(), SOURCES));
  expect(await refused('install', 'aot-late')).toContain("'/etc/apt/sources.list.d/debian.sources'");
});
