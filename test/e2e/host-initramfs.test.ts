import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';

let world: BootedWorld;
beforeAll(async () => {
  world = await bootedWorld('host-initramfs');
});
beforeEach(async () => {
  await world.aptOstree(['cleanup', '--pending']);
});

const QUEUED = 'Changes queued for next boot. Run "systemctl reboot" to start a reboot\n';

/** Ends well; @returns what it prints */
async function done(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await world.aptOstree(words);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

/** Fails for the reason given, and leaves the deployments as they are. */
async function refused(reason: string, ...words: string[]): Promise<void> {
  const before = (await world.status()).deployments;
  const { exitCode, stderr } = await world.aptOstree(words);
  expect(stderr).toContain(reason);
  expect(exitCode).toBe(1);
  expect((await world.status()).deployments).toEqual(before);
}

/** Where `systemctl` only notes what it is asked for. */
async function withSystemctl(...words: string[]) {
  world.write('/run/stub/systemctl', '#!/bin/sh\necho "$@" >> /run/asked\n');
  await world.run(['chmod', '+x', '/run/stub/systemctl']);
  const log = join(world.runtime, 'asked');
  rmSync(log, { force: true });
  const result = await world.aptOstree(words, { env: { PATH: '/run/stub:/usr/sbin:/usr/bin:/sbin:/bin' } });
  return { ...result, asked: existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) : undefined };
}

const first = async () => (await world.status()).deployments[0];

/** The initramfs of a commit, in the sysroot's repository, and its name inside. */
async function imageOf(commit: string): Promise<{ inside: string; bytes: Buffer }> {
  const modules = '/usr/lib/modules';
  const list = await world.run(['ostree', 'ls', '--repo=/ostree/repo', '-RC', commit, modules]);
  const [, object = ''] = / ([0-9a-f]{64}) \S+\/initramfs\.img$/m.exec(list.stdout) ?? [];
  const path = `ostree/repo/objects/${object.slice(0, 2)}/${object.slice(2)}.file`;
  return { inside: `/${path}`, bytes: readFileSync(join(world.sysroot, path)) };
}

/** What was added behind the image that a commit had before: as cpio(1) lists it, and a file's content. */
async function added(commit: string, before: string) {
  const [image, own] = [(await imageOf(commit)).bytes, (await imageOf(before)).bytes];
  expect(image.subarray(0, own.length).equals(own)).toBe(true);
  writeFileSync(join(world.runtime, 'archive'), image.subarray(Math.ceil(own.length / 512) * 512));
  const cpio = (options: string) => world.run(['sh', '-c', `cpio --quiet ${options} < /run/archive`]);
  const list = (await cpio('--list --verbose --numeric-uid-gid')).stdout.trimEnd().split('\n');
  const entries = list.map((line) => line.replace(/^(\S+) +\d+ (\d+) +(\d+) +(\d+) .{12} /, '$1 $2:$3 $4 '));
  return { entries, content: async (path: string) => (await cpio(`--extract --to-stdout ${path}`)).stdout };
}

describe('initramfs-etc', () => {
  beforeAll(async () => {
    world.write('/etc/aot/secret', 'first\n');
    await world.run(['chmod', '600', '/etc/aot/secret']);
  });

  test('shows what is tracked; a file is staged, behind the image of the base, and kept over a reboot', async () => {
    expect(await done('initramfs-etc')).toBe('No tracked files.\n');
    expect(await done('initramfs-etc', '--track', '/etc/aot//secret')).toBe(QUEUED);
    const staged = await first();
    expect(staged).toMatchObject({ staged: true, origin: { initramfsEtc: ['/etc/aot/secret'] } });
    expect(await done('ex', 'initramfs-etc')).toBe('Tracked files:\n  /etc/aot/secret\n');
    const status = await done('status');
    expect(status).toContain(`BaseCommit: ${world.commit}`);
    expect(status).toContain('InitramfsEtc: /etc/aot/secret');
    expect(JSON.parse(await done('status', '--json')).deployments[0]).toMatchObject({
      'base-checksum': world.commit,
      'initramfs-etc': ['/etc/aot/secret'],
    });
    await world.reboot();
    const { booted } = await world.status();
    expect(booted).toMatchObject({ checksum: staged?.checksum, origin: { initramfsEtc: ['/etc/aot/secret'] } });
    const { entries, content } = await added(booted?.checksum ?? '', world.commit);
    expect(entries).toEqual(['drwxr-xr-x 0:0 0 etc', 'drwxr-xr-x 0:0 0 etc/aot', '-rw------- 0:0 6 etc/aot/secret']);
    expect(await content('etc/aot/secret')).toBe('first\n');
    const [boot = ''] = readdirSync(join(world.sysroot, 'boot/ostree')).filter((n) =>
      n.endsWith(booted?.bootChecksum ?? ''),
    );
    const directory = join(world.sysroot, 'boot/ostree', boot);
    const image = readdirSync(directory).find((name) => name.startsWith('initramfs')) as string;
    expect(readFileSync(join(directory, image)).equals((await imageOf(booted?.checksum ?? '')).bytes)).toBe(true);
    expect(statSync(join(directory, image)).mode & 0o077).toBe(0);
  });

  test('the same again is no change, unless it is to be brought up to date', async () => {
    const { booted } = await world.status();
    expect(await done('initramfs-etc', '--track=/etc/aot/secret')).toBe('No changes.\n');
    const again = await world.aptOstree(['initramfs-etc', '--track=/etc/aot/secret', '--unchanged-exit-77']);
    expect(again).toMatchObject({ exitCode: 77, stdout: 'No changes.\n' });
    expect(await first()).toMatchObject({ booted: true });
    world.write('/etc/aot/secret', 'second\n');
    expect(await done('initramfs-etc', '--force-sync')).toBe(QUEUED);
    const staged = await first();
    expect(staged?.checksum).not.toBe(booted?.checksum);
    expect(await (await added(staged?.checksum ?? '', world.commit)).content('etc/aot/secret')).toBe('second\n');
  });

  test('an upgrade, a kernel argument and a cleanup keep them; the base is what is compared', async () => {
    const next = await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-next': 'next\n' } });
    await done('upgrade');
    const upgraded = await first();
    expect(upgraded).toMatchObject({ staged: true, origin: { initramfsEtc: ['/etc/aot/secret'] } });
    expect(await done('status')).toContain(`BaseCommit: ${next}`);
    expect(await (await added(upgraded?.checksum ?? '', next)).content('etc/aot/secret')).toBe('second\n');
    expect(await done('upgrade')).toBe('No upgrade available.\n');
    await done('kargs', '--append=quiet');
    expect(await first()).toMatchObject({
      checksum: upgraded?.checksum,
      kernelArguments: expect.arrayContaining(['quiet']),
    });
    await done('cleanup', '--base');
    const refs = await world.run(['ostree', 'refs', '--repo=/ostree/repo', '--list', 'aot/base', '--revision']);
    for (const base of [world.commit, next]) expect(refs.stdout).toContain(base);
    await world.run(['ostree', 'fsck', '--repo=/ostree/repo', '--quiet']);
  });

  test('a directory with all that is in it; links only within /etc', async () => {
    const etc = join(world.root(), 'etc');
    mkdirSync(join(etc, 'aot/more'));
    symlinkSync('../secret', join(etc, 'aot/more/link'));
    await done('initramfs-etc', '--untrack=/etc/aot/secret', '--track=/etc/aot');
    expect((await added((await first())?.checksum ?? '', world.commit)).entries).toEqual([
      'drwxr-xr-x 0:0 0 etc',
      'drwxr-xr-x 0:0 0 etc/aot',
      'drwxr-xr-x 0:0 0 etc/aot/more',
      'lrwxrwxrwx 0:0 9 etc/aot/more/link -> ../secret',
      '-rw------- 0:0 7 etc/aot/secret',
    ]);
    await done('cleanup', '--pending');
    symlinkSync('../../../usr/bin/true', join(etc, 'aot/more/out'));
    const out = "'/etc/aot/more/out' into the initramfs: it leads to '../../../usr/bin/true', outside /etc";
    await refused(out, 'initramfs-etc', '--track=/etc/aot');
    symlinkSync('/var', join(etc, 'aot-var'));
    await refused("'/etc/aot-var' into the initramfs: it is no directory", 'initramfs-etc', '--track=/etc/aot-var/lib');
    rmSync(join(etc, 'aot/more'), { recursive: true });
  });

  test('bad input is refused, and a file that went away names the way out', async () => {
    for (const path of ['/usr/bin/true', '/etc/../usr/bin/true', 'etc/aot', '/etc', '/etc/'])
      await refused(`Path outside /etc forbidden: ${path}`, 'initramfs-etc', `--track=${path}`);
    await refused(
      "cannot put '/etc/absent' into the initramfs: it is not there",
      'initramfs-etc',
      '--track=/etc/absent',
    );
    await world.run(['mkfifo', '/etc/aot/fifo']);
    await refused("'/etc/aot/fifo' into the initramfs: it is neither", 'initramfs-etc', '--track=/etc/aot/fifo');
    await world.run(['rm', '/etc/aot/fifo']);
    await refused("both '--untrack-all' and '--untrack'", 'initramfs-etc', '--untrack-all', '--untrack=/etc/a');
    await refused("cannot use '--reboot': no tracked file is changed", 'initramfs-etc', '--reboot');
    await refused("cannot find the stateroot 'nothing'", 'initramfs-etc', '--untrack-all', '--os=nothing');
    await world.run(['mv', '/etc/aot/secret', '/etc/aot/away']);
    await refused("'apt-ostree initramfs-etc --untrack /etc/aot/secret' leaves it out", 'kargs', '--append=a=1');
    await world.run(['mv', '/etc/aot/away', '/etc/aot/secret']);
  });

  test('reboots when it is staged; a shutdown leaves a locked one alone; without files it is the base again', async () => {
    const { exitCode, stdout, asked } = await withSystemctl('initramfs-etc', '--untrack-all', '--reboot');
    expect({ exitCode, stdout, asked }).toEqual({ exitCode: 0, stdout: '', asked: 'reboot' });
    expect(await first()).toMatchObject({ checksum: world.commit, staged: true, origin: { initramfsEtc: [] } });
    await done('cleanup', '--pending');
    await done('initramfs-etc', '--untrack-all', '--lock-finalization');
    expect(await first()).toMatchObject({ checksum: world.commit, staged: true, finalizationLocked: true });
    await done('cleanup', '--pending');
    expect(await done('reset', '--initramfs')).toContain(QUEUED);
    expect(await first()).toMatchObject({ checksum: world.commit, staged: true, origin: { initramfsEtc: [] } });
  });
});

describe('initramfs', () => {
  /** What is in an image, as dracut's own program lists it. */
  const listed = async (commit: string) => (await world.run(['lsinitrd', (await imageOf(commit)).inside])).stdout;

  test("is made here by the commit's dracut, as /etc says, with the tracked files behind it", async () => {
    expect(await done('initramfs')).toBe('Initramfs regeneration: disabled\n');
    world.write('/etc/dracut.conf.d/aot.conf', 'install_items+=" /etc/aot/secret "\n');
    expect(await done('initramfs', '--enable', '--arg=--omit', '--arg=qemu')).toBe(
      'Initramfs regeneration is now: enabled\nInitramfs args: --omit qemu\nRun "systemctl reboot" to start a reboot\n',
    );
    const made = await first();
    expect(made).toMatchObject({
      staged: true,
      origin: { regenerateInitramfs: true, initramfsArgs: ['--omit', 'qemu'], initramfsEtc: ['/etc/aot/secret'] },
    });
    const text = await listed(made?.checksum ?? '');
    expect(text).toContain('etc/aot/secret');
    expect(text).toContain('usr/lib/ostree/ostree-prepare-root');
    expect(await done('initramfs')).toBe('Initramfs regeneration: enabled\nInitramfs args: --omit qemu\n');
    const status = await done('status');
    expect(status).toContain('Initramfs: --omit qemu');
    expect(status).toContain(`BaseCommit: ${world.commit}`);
    await refused(
      'initramfs regeneration state is already enabled',
      'initramfs',
      '--enable',
      '--arg=--omit',
      '--arg=qemu',
    );
  });

  test('a kernel argument does not make it again; a reboot takes it; a rollback is there', async () => {
    await done('initramfs', '--enable');
    const made = (await first())?.checksum;
    await done('kargs', '--append=quiet');
    expect(await first()).toMatchObject({ checksum: made });
    await world.reboot();
    expect((await world.status()).booted).toMatchObject({ checksum: made, origin: { regenerateInitramfs: true } });
    await world.run(['ostree', 'fsck', '--repo=/ostree/repo', '--quiet']);
    await done('initramfs-etc', '--untrack-all');
    expect((await imageOf((await first())?.checksum ?? '')).bytes.length).toBeLessThan(
      (await imageOf(made ?? '')).bytes.length,
    );
    await done('cleanup', '--pending');
  });

  test('bad input is refused; what dracut says is shown, and nothing is deployed', async () => {
    await refused("both '--enable' and '--disable'", 'initramfs', '--enable', '--disable');
    await refused("cannot use '--arg' without '--enable'", 'initramfs', '--arg=-v');
    await refused("cannot use '--reboot' without", 'initramfs', '--reboot');
    await refused("cannot find the stateroot 'nothing'", 'initramfs', '--disable', '--os=nothing');
    await refused("unrecognized option '--nonsense'", 'initramfs', '--enable', '--arg=--nonsense');
  });

  test('--disable goes back to that of the base, once', async () => {
    const words = ['initramfs', '--disable', '--lock-finalization'];
    expect(await done(...words)).toBe(
      'Initramfs regeneration is now: disabled\nInitramfs will be reset to default on next reboot.\nRun "systemctl reboot" to start a reboot\n',
    );
    expect(await first()).toMatchObject({ staged: true, finalizationLocked: true });
    await refused('initramfs regeneration state is already disabled', 'initramfs', '--disable');
    await done('cleanup', '--pending');
    await done('initramfs-etc', '--untrack-all');
    expect(await withSystemctl('initramfs', '--disable', '--reboot')).toMatchObject({ exitCode: 0, asked: 'reboot' });
    expect(await first()).toMatchObject({ checksum: world.commit, origin: { regenerateInitramfs: false } });
  });
});
