import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { enterBooted } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { TOP } from '../lib/checkout.ts';
import { scratch } from '../lib/scratch.ts';

let world: BootedWorld;
beforeAll(async () => {
  world = await bootedWorld('host-live');
});
afterAll(() => world.leave());

/** Ends well; @returns what it prints */
async function done(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await world.aptOstree(words);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

const sh = (script: string) => world.run(['sh', '-c', script], { ok: 'any' });

describe('ex deploy-from-self', () => {
  const tree = join(scratch('host-live-tree'), 'root');
  const own = scratch('host-live-sysroot');
  const runtime = scratch('host-live-run');
  let commit: string;

  /** A container of that commit; the machine's root is mounted at /run/target. */
  const inContainer = (...words: string[]) =>
    enterBooted(
      {
        root: tree,
        run: runtime,
        mounts: [
          { from: own, to: 'sysroot' },
          { from: TOP, to: 'run/checkout' },
          { from: world.root(), to: 'run/target', writable: true },
          { from: world.sysroot, to: 'run/target/sysroot', writable: true },
          { from: join(world.sysroot, 'boot'), to: 'run/target/boot', writable: true },
          { from: world.runtime, to: 'run/target/run', writable: true },
        ],
      },
      ['/run/checkout/node_modules/.bin/apt-ostree', 'ex', 'deploy-from-self', ...words],
      { ok: 'any', env: { PATH: '/run/stub:/usr/sbin:/usr/bin:/sbin:/bin' } },
    );

  beforeAll(async () => {
    commit = await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-container': 'container\n' } });
    const repo = join(own, 'ostree/repo');
    mkdirSync(repo, { recursive: true });
    await run('ostree', ['init', `--repo=${repo}`, '--mode=bare']);
    await run('ostree', ['pull-local', `--repo=${repo}`, world.repo, commit]);
    await run('ostree', ['checkout', `--repo=${world.repo}`, '-H', commit, tree]);
    world.write('/run/stub/systemctl', '#!/bin/sh\necho "$@" > /run/asked\n');
    await world.run(['chmod', '+x', '/run/stub/systemctl']);
  });

  test('deploys the commit that the container was made from, pinned to it', async () => {
    expect(await inContainer('/run/target')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('reboot') });
    const [first, second] = (await world.status()).deployments;
    expect(first).toMatchObject({
      checksum: commit,
      staged: false,
      kernelArguments: second?.kernelArguments,
      origin: { refspec: commit, customDescription: 'deployed from a container' },
    });
    expect(second).toMatchObject({ checksum: world.commit, booted: true });
    expect(existsSync(join(world.runtime, 'asked'))).toBe(false);
  });

  test('--reboot reboots the machine, not the container', async () => {
    const { exitCode, stdout, stderr } = await inContainer('--reboot', '/run/target');
    expect(exitCode, stderr).toBe(0);
    expect(stdout).not.toContain('systemctl reboot');
    expect(readFileSync(join(world.runtime, 'asked'), 'utf8')).toBe('reboot\n');
    expect((await world.status()).booted).toMatchObject({ checksum: world.commit });
  });

  test('a machine is no container; a target that is no sysroot is refused', async () => {
    expect(await world.aptOstree(['ex', 'deploy-from-self', '/'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('this is no container'),
    });
    expect(await inContainer('/usr')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no sysroot') });
  });
});

describe('apply-live', () => {
  const PACKAGE = {
    name: 'aot-live',
    version: '1-1',
    architecture: 'all',
    sourcePackage: 'aot-live',
    sourceVersion: '1-1',
  };
  /** Has one package more than what runs: a program, a service, a configuration file, a user with a directory. */
  let more: string;
  /** The same, and another bash. */
  let other: string;

  const cat = async (path: string) => (await sh(`cat ${path}`)).stdout;
  const inDeployment = (path: string) => existsSync(join(world.root(), path));
  const json = async () => JSON.parse(await done('status', '--json', '--booted')).deployments[0];

  beforeAll(async () => {
    await done('cleanup', '--pending');
    more = await world.nextCommit({
      version: '13.2',
      files: {
        'usr/share/aot-container': null,
        'usr/bin/aot-live': { text: '#!/bin/sh\necho live\n', mode: 0o755 },
        'usr/lib/aot-live/data/one': 'one\n',
        'usr/lib/aot-live/link': { link: 'data/one' },
        'usr/lib/systemd/system/aot-live.service': '[Service]\nExecStart=/usr/bin/aot-live\n',
        'usr/lib/sysusers.d/aot-live.conf': 'u aot-live 888 "Live" /var/lib/aot-live\n',
        'usr/lib/tmpfiles.d/aot-live.conf': 'd /var/lib/aot-live 0750 aot-live aot-live\n',
        'usr/etc/aot-live/conf': 'default\n',
      },
      packages: (all) => [...all, PACKAGE],
    });
    await done('upgrade');
    await world.stay();
  });

  test('new files appear in the running system, whoever applies them, with users, directories and configuration; nothing in the deployment', async () => {
    expect((await sh('aot-live')).exitCode).toBe(127);
    await sh('ln -s ../../usr/lib/opt/aot-gone /var/opt/aot-gone; ln -s nowhere /var/opt/aot-own');
    const shut = ['unshare', '--mount', '--propagation', 'private', '--', '/run/checkout/node_modules/.bin/apt-ostree'];
    expect((await world.run([...shut, 'apply-live'])).stdout).toBe(
      'Added:\n  aot-live_1-1_all\nSuccessfully updated running filesystem tree.\n' +
        'Following services may need to be restarted:\n  aot-live.service\n',
    );
    expect(await sh('aot-live')).toMatchObject({ exitCode: 0, stdout: 'live\n' });
    expect(await cat('/usr/lib/aot-live/link /etc/aot-live/conf')).toBe('one\ndefault\n');
    expect((await sh('stat -c "%U %a" /var/lib/aot-live')).stdout).toBe('aot-live 750\n');
    expect((await sh('id -u aot-live')).stdout).toBe('888\n');
    expect((await sh('ls /opt')).stdout).toBe('aot-own\n');
    expect((await sh('ls -A /usr | grep apt-ostree; touch /usr/x')).stderr).toContain('Read-only file system');
    expect(inDeployment('usr/bin/aot-live')).toBe(false);
    expect(await done('apply-live')).toBe('No changes.\n');
  });

  test('status tells what is live', async () => {
    const status = await done('status', '--booted');
    expect(status).toContain(`BootedCommit: ${world.commit}`);
    expect(status).toContain(`LiveCommit: ${more}`);
    expect(status).toContain('LiveDiff: 1 added');
    expect(await done('status', '--booted', '--verbose')).toContain('LiveAdded: aot-live_1-1_all');
    expect(await json()).toMatchObject({ 'live-replaced': more, unlocked: 'transient' });
  });

  test('what would be replaced or removed is refused, unless that is allowed', async () => {
    other = await world.nextCommit({
      version: '13.3',
      files: { 'usr/bin/aot-live': null, 'usr/share/doc/bash/copyright': 'other\n', 'usr/etc/bash.bashrc': 'other\n' },
    });
    await world.run(['ostree', 'pull', '--repo=/ostree/repo', 'debian', other]);
    const refusedLive = async (reason: string, target: string) => {
      const { exitCode, stderr } = await world.aptOstree(['ex', 'livefs', `--target=${target}`]);
      expect(stderr).toContain(reason);
      expect(exitCode).toBe(1);
      expect((await json())['live-replaced']).toBe(more);
    };
    await refusedLive(
      "files of packages would be changed: 1, allow replacement to override\nhint: '/usr/share/doc/bash/copyright'",
      other,
    );
    const upgraded = await world.nextCommit({
      packages: (all) => all.map((p) => (p.name === 'bash' ? { ...p, version: '99-1' } : p)),
    });
    await world.run(['ostree', 'pull', '--repo=/ostree/repo', 'debian', upgraded]);
    await refusedLive('packages would be changed: 1, allow replacement to override', upgraded);
    const gone = await world.nextCommit({ packages: (all) => all.filter((p) => p.name !== 'bash') });
    await world.run(['ostree', 'pull', '--repo=/ostree/repo', 'debian', gone]);
    await refusedLive('packages would be removed: 1, allow replacement to override', gone);

    world.write('/etc/aot-live/conf', 'mine\n');
    const before = await cat('/usr/share/doc/bash/copyright');
    await done('apply-live', `--target=${other}`, '--allow-replacement');
    expect(await cat('/usr/share/doc/bash/copyright /etc/bash.bashrc /etc/aot-live/conf')).toBe('other\nother\nmine\n');
    expect((await sh('aot-live')).exitCode).toBe(127);
    expect(await json()).toMatchObject({ 'live-replaced': other });
    expect(readFileSync(join(world.root(), 'usr/share/doc/bash/copyright'), 'utf8')).toBe(before);
  });

  test('a run that was broken off is shown, and finished by the next', async () => {
    world.write('/run/killing/cp', '#!/bin/sh\nmkdir "$3/half" 2> /dev/null\nkill -9 $PPID\n');
    await world.run(['chmod', '+x', '/run/killing/cp']);
    const words = ['apply-live', `--target=${more}`, '--allow-replacement'];
    const env = { PATH: '/run/killing:/usr/sbin:/usr/bin:/sbin:/bin' };
    await expect(world.aptOstree(words, { env })).rejects.toThrow('was killed by SIGKILL');
    expect(await done('status', '--booted')).toContain(`InterruptedLiveCommit: ${more}`);
    expect(await json()).toMatchObject({ 'live-inprogress': more, 'live-replaced': other });
    await done(...words);
    expect(await sh('aot-live && cat /usr/lib/aot-live/data/one && ls -A /usr')).toMatchObject({
      exitCode: 0,
      stdout: expect.not.stringContaining('.apt-ostree-'),
    });
    expect(await cat('/etc/bash.bashrc')).not.toBe('other\n');
    expect(await done('status', '--booted')).not.toContain('Interrupted');
  });

  test('--reset takes it back, but for what was changed here; the next boot is of the deployment', async () => {
    expect(await done('apply-live', '--reset')).toContain('Removed:\n  aot-live_1-1_all\n');
    expect((await sh('ls /usr/bin/aot-live /usr/lib/aot-live')).exitCode).toBe(2);
    expect(await cat('/etc/aot-live/conf')).toBe('mine\n');
    expect(await done('status', '--booted')).not.toContain('LiveCommit');
    expect(await done('apply-live', '--reset')).toBe('No changes.\n');
    await sh('rm -r /etc/aot-live; mount -o remount,bind,ro /sysroot'); // as `sysroot.readonly` has it
    await done('apply-live');
    expect(await cat('/etc/aot-live/conf')).toBe('default\n');
    await done('apply-live', '--reset');
    expect((await sh('ls /etc/aot-live')).exitCode).toBe(2);
    await world.reboot();
    expect((await world.status()).booted).toMatchObject({ checksum: more, unlocked: 'none' });
    await done('rollback');
    await world.reboot();
  });

  test('is refused without a target, and where /usr is writable by other means', async () => {
    await done('cleanup', '--pending', '--rollback');
    await world.stay();
    const refusedBecause = async (reason: string, ...words: string[]) => {
      const { exitCode, stderr } = await world.aptOstree(['apply-live', ...words]);
      expect(stderr).toContain(reason);
      expect(exitCode).toBe(1);
    };
    await refusedBecause('No target commit specified and no pending deployment');
    await refusedBecause('nothing', '--target=nothing');
    await refusedBecause("cannot specify both '--reset' and '--target'", '--reset', '--target=x');
    await done('usroverlay');
    await refusedBecause('apply-live is incompatible with unlock state: development', '--reset');
    await world.reboot();
  });
});

describe('usroverlay', () => {
  const file = '/usr/share/aot-overlay';
  const inDeployment = () => existsSync(join(world.root(), file));
  const unlocked = async () => (await world.status()).booted?.unlocked;

  beforeAll(async () => {
    await done('cleanup', '--pending');
    await world.stay();
  });

  test('is refused where /usr is writable already, and never lands in the deployment', async () => {
    expect((await sh(`echo x > ${file}`)).stderr).toContain('Read-only file system');
    expect(await done('usroverlay')).toContain('Development mode enabled');
    expect(await sh(`echo x > ${file}`)).toMatchObject({ exitCode: 0 });
    expect(inDeployment()).toBe(false);
    expect(await world.aptOstree(['unlock'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('the deployment is unlocked already: development'),
    });
    await world.reboot();
    await world.stay();
    expect(await unlocked()).toBe('none');
    expect((await sh(`cat ${file}`)).exitCode).toBe(1);
  });

  test('--transient is read-only for all but who mounts it again', async () => {
    expect(await done('usroverlay', '--transient')).toContain('read-only by default');
    expect(await unlocked()).toBe('transient');
    expect((await sh(`echo x > ${file}`)).stderr).toContain('Read-only file system');
    expect(await sh(`LIBMOUNT_FORCE_MOUNT2=always mount -o remount,rw /usr && echo x > ${file}`)).toMatchObject({
      exitCode: 0,
    });
    expect(inDeployment()).toBe(false);
    await world.reboot();
    await world.stay();
    expect((await sh(`cat ${file}`)).exitCode).toBe(1);
  });

  test('--hotfix keeps the changes in the deployment, and a clean one beside it for a rollback', async () => {
    expect(await done('usroverlay', '--hotfix')).toContain('Hotfix mode enabled');
    expect(await sh(`echo x > ${file}`)).toMatchObject({ exitCode: 0 });
    await world.reboot();
    const { deployments } = await world.status();
    expect(deployments).toMatchObject([
      { checksum: world.commit, booted: true, unlocked: 'hotfix' },
      { checksum: world.commit, booted: false, unlocked: 'none' },
    ]);
    expect(inDeployment()).toBe(false);
    const overlay = join(world.root(), '.usr-ovl-upper'); // what the initramfs mounts
    expect(readFileSync(join(overlay, file.replace('/usr/', '')), 'utf8')).toBe('x\n');
    expect(await done('status')).toContain('Unlocked: hotfix');
  });
});
