import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { enterBooted } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { SCRATCH, TOP } from '../lib/checkout.ts';

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
  const tree = join(SCRATCH, 'container');
  const own = join(SCRATCH, 'container-sysroot');
  const runtime = join(SCRATCH, 'container-run');
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
    for (const directory of [tree, own, runtime]) rmSync(directory, { recursive: true, force: true });
    for (const directory of [own, runtime]) mkdirSync(directory);
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
