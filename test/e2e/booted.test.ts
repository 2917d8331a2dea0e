import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { etcConflicts, readSysroot, type Sysroot } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import { beforeAll, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';

let world: BootedWorld;

beforeAll(async () => {
  world = await bootedWorld('booted-test');
});

/** What `ostree admin status` prints of each deployment. */
async function listed() {
  const { stdout } = await world.run(['ostree', 'admin', 'status']);
  const lines = [...stdout.matchAll(/^([* ]) (\S+) ([0-9a-f]{64})\.(\d+)(.*)$/gm)];
  return lines.map(([, mark, stateroot, checksum, serial, rest = '']) => ({
    stateroot,
    checksum,
    serial: Number(serial),
    booted: mark === '*',
    staged: rest.includes('(staged'),
  }));
}

const summary = (sysroot: Sysroot) =>
  sysroot.deployments.map(({ stateroot, checksum, serial, booted, staged }) => ({
    stateroot,
    checksum,
    serial,
    booted,
    staged,
  }));

test('what runs inside believes that it has booted', async () => {
  const status = await world.status();
  expect(status).toMatchObject({ path: '/', repo: '/ostree/repo', isBooted: true });
  expect(summary(status)).toEqual(await listed());
  expect(status.booted).toMatchObject({
    checksum: world.commit,
    origin: { refspec: 'debian:test/booted' },
    kernelArguments: ['root=LABEL=root', 'rw', 'console=ttyS0'],
  });
  const { stdout } = await world.run(['findmnt', '--noheadings', '--output', 'OPTIONS', '/usr']);
  expect(stdout).toMatch(/^ro/);
  expect(await world.aptOstree(['--version'])).toMatchObject({ exitCode: 0 });
  await world.run(['bwrap', '--unshare-all', '--ro-bind', '/', '/', '/usr/bin/true']);
});

test('the same sysroot, seen from outside, has nothing booted', async () => {
  expect(await readSysroot(world.sysroot)).toMatchObject({ isBooted: false, deployments: [{ booted: false }] });
});

test('a further commit is made at once, and is whole', async () => {
  const before = performance.now();
  const next = await world.nextCommit({
    files: {
      'usr/etc/motd': 'second\n',
      'usr/share/new/dir/file': { text: 'x', mode: 0o755 },
      'usr/share/new/link': { link: 'dir/file' },
      'usr/bin/htop': null,
    },
    packages: (all) => all.filter((p) => p.name !== 'htop'),
    version: '13.1',
  });
  expect(performance.now() - before).toBeLessThan(10_000); // other tests run beside; a compose takes longer
  execFileSync('ostree', ['fsck', '--quiet', `--repo=${world.repo}`]);
  const [first, second] = [readCommit(world.repo, world.commit), readCommit(world.repo, next)];
  expect(second).toMatchObject({ parent: world.commit, version: '13.1' });
  expect(second.packages).toEqual(first.packages?.filter((p) => p.name !== 'htop'));
  expect(second.metadata['ostree.linux']).toBe(first.metadata['ostree.linux']);
});

test('a deployment is staged, finalized by the reboot, and then runs; /etc comes along', async () => {
  world.write('/etc/local', 'mine\n');
  world.write('/var/lib/kept', 'kept\n');
  await world.run(['ostree', 'admin', 'upgrade', '--stage']);
  const staged = await world.status();
  expect(summary(staged)).toEqual(await listed());
  expect(staged.deployments.map((d) => [d.index, d.staged, d.booted, d.finalizationLocked])).toEqual([
    [0, true, false, false],
    [1, false, true, false],
  ]);
  expect(staged.deployments[0]).toMatchObject({
    kernelArguments: ['root=LABEL=root', 'rw', 'console=ttyS0'],
    bootChecksum: staged.deployments[1]?.bootChecksum,
  });
  await world.run(['ostree', 'admin', 'lock-finalization']);
  expect((await world.status()).deployments[0]?.finalizationLocked).toBe(true);
  await world.run(['ostree', 'admin', 'lock-finalization', '--unlock']);
  expect((await world.status()).deployments[0]?.finalizationLocked).toBe(false);

  await world.reboot();
  const after = await world.status();
  expect(summary(after)).toEqual(await listed());
  expect(after.deployments.map((d) => [d.booted, d.staged])).toEqual([
    [true, false],
    [false, false],
  ]);
  expect(after.booted).toMatchObject({ checksum: staged.deployments[0]?.checksum });
  const { stdout } = await world.run(['cat', '/etc/local', '/etc/motd', '/var/lib/kept', '/usr/share/new/link']);
  expect(stdout).toBe('mine\nsecond\nkept\nx');
  expect(existsSync(join(world.root(), 'usr/bin/htop'))).toBe(false);
});

test('kernel arguments of a staged deployment are its own', async () => {
  await world.run(['ostree', 'admin', 'deploy', '--stage', '--karg-append=debug', world.refspec]);
  expect((await world.status()).deployments[0]).toMatchObject({
    staged: true,
    kernelArguments: ['root=LABEL=root', 'rw', 'console=ttyS0', 'debug'],
  });
});

test('an unlocked deployment says so until the next boot', async () => {
  await world.run(['ostree', 'admin', 'unlock']);
  expect((await world.status()).booted?.unlocked).toBe('development');
  await world.reboot();
  expect((await world.status()).booted).toMatchObject({
    unlocked: 'none',
    kernelArguments: expect.arrayContaining(['debug']),
  });
});

test('a clash in /etc that is foretold fails the shutdown', async () => {
  world.write('/etc/clash', 'mine\n');
  world.write('/etc/motd', 'mine\n');
  const next = await world.nextCommit({ files: { 'usr/etc/clash/file': 'theirs\n', 'usr/etc/motd': 'third\n' } });
  await world.run(['ostree', 'admin', 'upgrade', '--stage']);
  const sysroot = await readSysroot(world.sysroot);
  const current = sysroot.deployments[0];
  expect(current && etcConflicts(sysroot, current, { commit: next })).toEqual({
    bothChanged: ['/etc/clash', '/etc/motd'],
    refused: [{ path: '/etc/clash', reason: 'the new tree has a directory there' }],
  });
  await expect(world.reboot()).rejects.toThrow(/clash/);
});

test('worlds do not share what is written', async () => {
  const other = await bootedWorld('booted-other');
  expect((await other.status()).deployments).toHaveLength(1);
  expect(existsSync(join(other.root(), 'etc/local'))).toBe(false);
  expect((await other.run(['ostree', 'rev-parse', '--repo=/run/upstream', 'test/booted'])).stdout.trim()).toBe(
    other.commit,
  );
});
