import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type ArchivePackage, buildDeb, type PackageSpec, signingHome, signingKey } from '@apt-ostree/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';
import { onSmallDisk } from '../lib/small-disk-world.ts';

const PACKAGES: ArchivePackage[] = [
  { name: 'aot-good', files: { '/usr/share/aot-good': 'good\n' } },
  { name: 'aot-late', files: { '/usr/share/aot-late': 'late\n' } },
  { name: 'aot-conflicts', control: { Conflicts: 'htop' } },
  { name: 'aot-opposed', control: { Conflicts: 'vim-tiny' } },
  { name: 'aot-newer', control: { Depends: 'htop (>= 99)' } },
  { name: 'htop', version: '99-1', architecture: 'amd64' },
  { name: 'aot-needs', control: { Depends: 'aot-missing' } },
  { name: 'aot-home', files: { '/home/aot/file': 'x\n' } },
  { name: 'aot-run', files: { '/run/aot': 'x\n' } },
  { name: 'aot-overwrites', files: { '/usr/bin/htop': 'mine\n' } },
  { name: 'aot-fails', scripts: { postinst: 'echo what went wrong; exit 3' } },
  ...[0, 1].map((exit) => ({
    name: `aot-wipes-${exit}`,
    scripts: { postinst: `rm -rf --no-preserve-root / 2>/dev/null; exit ${exit}` },
  })),
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
  test('with everything that is in the way', async () => {
    const said = await refused('install', 'aot-conflicts', 'aot-opposed');
    expect(said).toMatch(/'htop' \S+ would be removed/);
    expect(said).toMatch(/'vim-tiny' \S+ would be removed/);
  });
  test('with what is not there and what has no such version', async () => {
    const said = await refused('install', 'aot-conflicts', 'aot-nowhere', 'aot-opposed', 'aot-good=7', 'aot-nothing');
    expect(said).toContain("packages not found: 'aot-nothing', 'aot-nowhere'; ");
    expect(said).toContain("packages not found: 'aot-good=7': there is 1.0-1");
    expect(said).toMatch(/'htop' \S+ would be removed; 'vim-tiny' \S+ would be removed/);
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
      "'aot-foreign_1.0-1_arm64' is for arm64, not amd64",
    );
  });
  test('or no package at all, or not there', async () => {
    writeFileSync(join(world.sysroot, 'ostree/deploy/debian/var/none.deb'), 'none');
    expect(await refused('install', '/var/none.deb')).toContain("cannot use '/var/none.deb': it is no Debian package");
    expect(await refused('install', '/var/nowhere.deb')).toContain("cannot read package '/var/nowhere.deb'");
    expect(await refused('install', 'A B')).toContain("cannot layer 'A B': it is no package");
  });
});

describe('a package from a URL', () => {
  const SUM = '0'.repeat(64);
  test.each([
    ['that is not there', '/none.deb', {}, 'the server answered 404'],
    ['whose server is broken', '/url.deb', { status: 503 }, 'the server answered 503'],
    ['that breaks off', '/url.deb', { dropAfter: 100 }, 'the connection was broken off'],
    ['that would fill the disk', '/url.deb', { lengthOff: 5 * 1024 ** 3 }, 'it is larger than 4294967296 bytes'],
    [
      'that leads to a file',
      '/url.deb',
      { redirect: 'file:///etc/passwd' },
      'the server redirects (302) from http: to',
    ],
    ['of another file', `/url.deb#sha256=${SUM}`, {}, 'its SHA-256 is another than the URL says'],
    ['that says what nobody understands', '/url.deb#md5=0', {}, "'#md5=0' is not understood"],
    ['that is no package', '/url.deb', { body: 'none' }, 'it is no Debian package'],
  ])('%s', async (_, path, fault, text) => {
    writeFileSync(join(world.archive, 'url.deb'), await buildDeb({ name: 'aot-url' }));
    world.server.faults['/url.deb'] = fault;
    expect(await refused('install', `${world.server.url}${path}`)).toContain(text);
  });
  test('of a server that is not there', async () => {
    expect(await refused('install', 'http://127.0.0.1:1/x.deb')).toContain('connection refused');
  });
  test('leaves nothing behind', async () => {
    const { stdout } = await world.run(['ls', '/ostree/repo/extensions/apt-ostree/tmp']);
    expect(stdout).toBe('');
  });
  test('is taken where all is right', async () => {
    const deb = await buildDeb({ name: 'aot-url' });
    const sum = createHash('sha256').update(deb).digest('hex');
    delete world.server.faults['/url.deb'];
    const url = `${world.server.url}/url.deb#sha256=${sum}`;
    expect(await world.done('install', '--dry-run', url)).toContain(
      'Installing 1 package:\n  aot-url_1.0-1_all (local)\n',
    );
  });
});

describe('a file, where dpkg is told to want signatures', () => {
  /** Runs with the machine's debsig-verify, and with this one key that counts. */
  const signedOnly = (...words: string[]) =>
    world.run(
      [
        'sh',
        '-c',
        'mount -t overlay overlay -o lowerdir=/run/signed/usr:/usr /usr && mount --bind /run/signed/dpkg /etc/dpkg && exec "$@"',
        ...['sh', '/run/checkout/node_modules/.bin/apt-ostree', ...words],
      ],
      { ok: 'any' },
    );
  beforeAll(async () => {
    const { fingerprint, armored } = await signingKey('packager');
    const id = fingerprint.slice(-16);
    const usr = join(world.runtime, 'signed/usr');
    world.write(`/run/signed/usr/share/debsig/keyrings/${id}/packager.asc`, armored);
    world.write('/run/signed/dpkg/dpkg.cfg', 'log /var/log/dpkg.log\n');
    mkdirSync(join(usr, 'bin'));
    cpSync('/usr/bin/debsig-verify', join(usr, 'bin/debsig-verify'));
    const keyring = join(usr, 'share/debsig/keyrings', id);
    await run('gpg', ['--dearmor', '--output', join(keyring, 'packager.pgp'), join(keyring, 'packager.asc')]);
    const one = `<Required Type="origin" File="packager.pgp" id="${id}"/>`;
    world.write(
      `/etc/debsig/policies/${id}/packager.pol`,
      `<?xml version="1.0"?>
<!DOCTYPE Policy SYSTEM "https://www.debian.org/debsig/1.0/policy.dtd">
<Policy xmlns="https://www.debian.org/debsig/1.0/">
  <Origin Name="Packager" id="${id}" Description="Packager"/>
  <Selection>${one}</Selection>
  <Verification MinOptional="0">${one}</Verification>
</Policy>
`,
    );
  });

  /** As debsigs(1) does: an archive member with the signature of the three others. */
  async function sign(deb: string, by: string): Promise<void> {
    const directory = join(world.archive, 'sign');
    mkdirSync(directory, { recursive: true });
    await run('ar', ['x', '--output', directory, deb]);
    const members = (await run('ar', ['t', deb])).stdout.trim().split('\n');
    writeFileSync(join(directory, 'all'), Buffer.concat(members.map((name) => readFileSync(join(directory, name)))));
    const { fingerprint } = await signingKey(by);
    const how = ['--batch', '--yes', '--homedir', signingHome(), '--local-user', fingerprint, '--detach-sign'];
    await run('gpg', [...how, '--output', join(directory, '_gpgorigin'), join(directory, 'all')]);
    await run('ar', ['q', deb, join(directory, '_gpgorigin')]);
  }

  const outside = (path: string) => join(world.sysroot, 'ostree/deploy/debian', path);

  test('is refused without one', async () => {
    const path = await file({ name: 'aot-signed' });
    const { exitCode, stderr } = await signedOnly('install', path);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `cannot use '${path}': it is not signed\nhint: this system wants signed packages: debsig-verify(1) is installed`,
    );
  });
  test('is refused with the one of a stranger', async () => {
    const path = await file({ name: 'aot-signed' });
    await sign(outside(path), 'stranger');
    expect((await signedOnly('install', path)).stderr).toContain('/etc/debsig/policies is for who signed it');
  });
  test('is taken with the right one, and refused when it was changed afterwards', async () => {
    const path = await file({ name: 'aot-signed' });
    await sign(outside(path), 'packager');
    expect(await signedOnly('install', '--dry-run', path)).toMatchObject({ exitCode: 0 });
    const other = await file({ name: 'aot-other', version: '2.0' });
    await run('ar', ['x', '--output', join(world.archive, 'sign'), outside(other)]);
    const control = readdirSync(join(world.archive, 'sign')).find((name) => name.startsWith('control.tar')) ?? '';
    await run('ar', ['r', outside(path), join(world.archive, 'sign', control)]);
    expect((await signedOnly('install', path)).stderr).toContain('its signature is not right');
  });
});

describe('a script', () => {
  test('that fails shows its last lines', async () => {
    expect(await refused('install', 'aot-fails')).toContain(
      "cannot configure 'aot-fails:all': its postinst ended with 3\n| what went wrong\n",
    );
  });
  test.each([0, 1])('that removes everything and ends with %s removes nothing', async (exit) => {
    expect(await refused('install', `aot-wipes-${exit}`)).toMatch(/^error: cannot configure /m);
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
      [ $i -gt 600 ] || echo seen
      ${ends.replace('$!', '$pid')}
      wait $pid; echo "ended with $?"
      sleep 0.5; grep -ls 'aot-endless.postins[t]' /proc/[0-9]*/cmdline; mount | grep aot-tmp
      ls /ostree/repo/extensions/apt-ostree/tmp`;
      const { stdout } = await world.run(['sh', '-c', script]);
      expect(stdout).toMatch(/^seen\n(.*\n)?ended with [1-9]\d*\n$/);
    },
  );
});

test('no room', async () => {
  const setting = ['ostree', 'config', '--repo=/ostree/repo'];
  await world.run([...setting, 'set', 'core.min-free-space-size', '900TB']);
  expect(await refused('install', 'aot-good')).toMatch(/min-free-space|no space left/);
  await world.run([...setting, 'unset', 'core.min-free-space-size']);
});

test('a disk that is full', async () => {
  const small = await onSmallDisk(world);
  const install = () => small.run('/run/checkout/node_modules/.bin/apt-ostree', 'install', 'aot-good');
  const deployments = async () => (await small.run('ostree', 'admin', 'status')).stdout;
  const were = await deployments();
  try {
    const full = 'no space left on device';
    const cases: [left: number, said: string][] = [
      [0, full],
      [2 ** 18, full],
      [2 ** 20, "MB on '/'"], // what deploying takes is known beforehand
    ];
    for (const [left, said] of cases) {
      const makeRoom = small.disk.fill(left);
      const { exitCode, stdout, stderr } = await install();
      expect({ left, exitCode, stdout }, stderr).toEqual({ left, exitCode: 1, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^error: cannot [^\n]*${said}[^]*\nhint: free some space`, 'm'));
      makeRoom();
      expect(await deployments()).toBe(were);
    }
    expect(await install()).toMatchObject({ exitCode: 0 });
    expect(await deployments()).not.toBe(were);
    expect((await small.run('ostree', 'fsck', '--repo=/ostree/repo', '--quiet')).exitCode).toBe(0);
  } finally {
    await small.close();
  }
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
