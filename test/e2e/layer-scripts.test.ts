import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivePackage, buildDeb } from '@apt-ostree/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

// What scripts of layered packages can do, and what of it is seen where.

/** CAP_NET_RAW, permitted and effective: vfs_cap_data of revision 2, see linux/capability.h. */
const CAPABILITY = '0100000200200000000000000000000000000000';

const note = (who: string) => `echo ${who} >> /usr/share/aot-order`;
const PACKAGES: ArchivePackage[] = [
  {
    name: 'aot-perl',
    scripts: { postinst: '#!/usr/bin/perl\nopen(F, ">", "/usr/share/aot-perl"); print F "$ARGV[0]\\n"; close(F);\n' },
  },
  {
    name: 'aot-python',
    control: { Depends: 'python3' },
    scripts: {
      postinst: '#!/usr/bin/python3\nimport sys\nopen("/usr/share/aot-python", "w").write(sys.argv[1] + "\\n")\n',
    },
  },
  { name: 'aot-one', scripts: { preinst: note('one-preinst'), postinst: note('one-postinst') } },
  {
    name: 'aot-two',
    control: { Depends: 'aot-one' },
    scripts: { preinst: note('two-preinst'), postinst: note('two-postinst') },
  },
  { name: 'aot-three', control: { Depends: 'aot-two' }, scripts: { postinst: note('three-postinst') } },
  // a chain of Pre-Depends: by hard link, with a preinst, in the place of a file of the base, with a preinst again
  { name: 'aot-key', scripts: { postinst: note('key-postinst') } },
  {
    name: 'aot-door',
    control: { 'Pre-Depends': 'aot-key' },
    scripts: { preinst: note('door-preinst'), postinst: note('door-postinst') },
  },
  {
    name: 'aot-room',
    control: { 'Pre-Depends': 'aot-door', Replaces: 'htop' },
    files: { '/usr/bin/htop': 'replaced\n' },
    scripts: { postinst: note('room-postinst') },
  },
  {
    name: 'aot-chest',
    control: { 'Pre-Depends': 'aot-room' },
    scripts: { preinst: note('chest-preinst'), postinst: note('chest-postinst') },
  },
  {
    name: 'aot-watches',
    triggers: 'interest-noawait /usr/share/aot-watched\n',
    scripts: { postinst: 'ls /usr/share/aot-watched > /usr/share/aot-seen' },
  },
  { name: 'aot-watched', files: { '/usr/share/aot-watched/a': 'a\n', '/usr/share/aot-watched/b': 'b\n' } },
  {
    name: 'aot-writes',
    scripts: {
      postinst: `printf 'writes\\033 now\\n'; echo layered > /etc/motd
echo layered > /etc/aot-made
rm -rf /var/lib/aot-host; rm -f /etc/aot-host
test -e /run/ostree-booted && echo booted > /usr/share/aot-booted || true`,
    },
  },
  {
    name: 'aot-capable',
    control: { Depends: 'python3' },
    files: { '/usr/bin/aot-capable': { content: '#!/bin/sh\n', mode: 0o755 }, '/usr/share/aot-owned/file': 'x\n' },
    scripts: {
      postinst: `useradd --system --user-group --no-create-home aotc
chown -R aotc:aotc /usr/share/aot-owned
python3 -c 'import os; os.setxattr("/usr/bin/aot-capable", "security.capability", bytes.fromhex("${CAPABILITY}"))'`,
    },
  },
  { name: 'aot-same', version: '1.0-1', files: { '/usr/share/aot-same': 'first\n' } },
  { name: 'aot-boot', files: { '/boot/aot-boot': 'x\n' } },
];

let world: LayerWorld;

beforeAll(async () => {
  world = await layerWorld('layer-scripts', PACKAGES);
  world.write('/var/lib/aot-host/file', 'of the host\n');
  world.write('/etc/aot-host', 'of the host\n');
});

beforeEach(async () => {
  await world.done('cleanup', '--pending');
});

afterAll(() => world?.server.close());

describe('scripts', () => {
  test('have the interpreters of the base', async () => {
    await world.done('install', 'aot-perl', 'aot-python');
    expect(await world.next('usr/share/aot-perl')).toBe('configure\n');
    expect(await world.next('usr/share/aot-python')).toBe('configure\n');
  });

  test('run in the order that dependencies ask for', async () => {
    await world.done('install', 'aot-three');
    const order = (await world.next('usr/share/aot-order'))?.trim().split('\n') ?? [];
    expect(order.slice(0, 2).sort()).toEqual(['one-preinst', 'two-preinst']);
    expect(order.slice(2)).toEqual(['one-postinst', 'two-postinst', 'three-postinst']);
  });

  test('find configured what their package pre-depends on, also where that took the place of a file of the base', async () => {
    await world.done('install', 'aot-chest');
    expect(await world.next('usr/share/aot-order')).toBe(
      ['key-postinst', 'door-preinst', 'door-postinst', 'room-postinst', 'chest-preinst', 'chest-postinst', ''].join(
        '\n',
      ),
    );
    expect(await world.next('usr/bin/htop')).toBe('replaced\n');
  });

  test('that wait for files of others see all of them', async () => {
    await world.done('install', 'aot-watches', 'aot-watched');
    expect(await world.next('usr/share/aot-seen')).toBe('a\nb\n');
  });

  test('change the new tree, and nothing of what runs', async () => {
    const motd = readFileSync(join(world.root(), 'etc/motd'), 'utf8');
    await world.done('install', 'aot-writes');
    expect(await world.next('usr/etc/motd')).toBe('layered\n');
    expect(await world.next('usr/etc/aot-made')).toBe('layered\n');
    expect(readFileSync(join(world.root(), 'etc/motd'), 'utf8')).toBe(motd);
    const kept = await world.run(['cat', '/var/lib/aot-host/file', '/etc/aot-host']);
    expect(kept.stdout).toBe('of the host\nof the host\n');
    expect((await world.run(['ls', '/etc'])).stdout).not.toContain('aot-made');
    expect(await world.next('usr/share/aot-booted')).toBeUndefined();
  });

  test('are in the record with what they changed and printed', async () => {
    await world.done('install', 'aot-writes');
    const said = await world.done('ex', 'scripts');
    expect(said).toMatch(
      /^aot-writes:all postinst configure ?: ended with 0, \d+ ms\n {2}\+ \/etc\/aot-made\n {2}~ \/etc\/motd$/m,
    );
    expect(said).not.toContain('now');
    expect(await world.done('ex', 'scripts', '-v')).toMatch(/~ \/etc\/motd\n {2}\| writes\\x1b now$/m);
    const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    const command = [...asNobody, '/run/checkout/node_modules/.bin/apt-ostree', 'ex', 'scripts', '-v'];
    const { stdout, stderr } = await world.run(command);
    expect(stdout).toBe(said);
    expect(stderr).toContain('only root can see what the scripts printed');
  });

  test('give owners and file capabilities, which are deployed; the repository is whole', async () => {
    await world.done('install', 'aot-capable');
    const [next] = (await world.status()).deployments;
    const path = `/sysroot/${next?.path}/usr`;
    const { stdout } = await world.run([
      'getfattr',
      '-e',
      'hex',
      '-n',
      'security.capability',
      `${path}/bin/aot-capable`,
    ]);
    expect(stdout).toContain(`security.capability=0x${CAPABILITY}\n`);
    const uid = /^aotc:x:(\d+):(\d+):/m.exec((await world.next('usr/etc/passwd')) ?? '');
    const owner = await world.run(['stat', '-c', '%u:%g', `${path}/share/aot-owned`, `${path}/share/aot-owned/file`]);
    expect(owner.stdout).toBe(`${uid?.[1]}:${uid?.[2]}\n`.repeat(2));
    await world.run(['ostree', 'fsck', '--repo=/ostree/repo', '--quiet']);
  });
});

describe('packages', () => {
  const fetched = (name: string) => world.server.log.filter(({ path }) => path.includes(`/${name}_`)).length;

  test('are fetched once, and again when the archive has another file under the same version', async () => {
    await world.done('install', 'aot-same');
    await world.done('uninstall', 'aot-same');
    await world.done('install', 'aot-same', 'aot-watched');
    expect(fetched('aot-same')).toBe(1);
    await world.offer(
      PACKAGES.map((p) => (p.name === 'aot-same' ? { ...p, files: { '/usr/share/aot-same': 'other\n' } } : p)),
    );
    await world.done('upgrade');
    expect(fetched('aot-same')).toBe(2);
    expect(await world.next('usr/share/aot-same')).toBe('other\n');
  });

  test('with something in /boot, which is empty in a deployment, are told so', async () => {
    const { exitCode, stderr } = await world.aot('install', 'aot-boot');
    expect(stderr).toContain("warning: '/boot' is empty in a commit: left out 'aot-boot'");
    expect(exitCode).toBe(0);
    expect(await world.next('boot/aot-boot')).toBeUndefined();
  });

  test('from a file need no archive', async () => {
    const sources = join(world.root(), 'etc/apt/sources.list.d/test.sources');
    rmSync(sources);
    const deb = await buildDeb({ name: 'aot-local', files: { '/usr/share/aot-local': 'local\n' } });
    writeFileSync(join(world.sysroot, 'ostree/deploy/debian/var/local.deb'), deb);
    await world.done('install', '/var/local.deb');
    expect(await world.next('usr/share/aot-local')).toBe('local\n');
    await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-base': 'newer\n' } });
    await world.done('upgrade');
    expect(await world.next('usr/share/aot-base')).toBe('newer\n');
    expect(await world.next('usr/share/aot-local')).toBe('local\n');
  });
});
