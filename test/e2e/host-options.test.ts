import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { commitChange } from '../lib/next-commit.ts';

let world: BootedWorld;
/** On the branch that the world follows: newer than what runs, with other packages. */
let next: string;
/** The newest of test/other. */
let other: string;

beforeAll(async () => {
  world = await bootedWorld('host-options');
  next = await world.nextCommit({
    version: '13.1',
    files: { 'usr/share/aot-next': 'next\n' },
    packages: (all) => all.map((p) => (p.name === 'bash' ? { ...p, version: '99-1' } : p)),
  });
  await run('ostree', ['refs', `--repo=${world.repo}`, '--create=test/other', world.commit]);
  other = await commitChange(world.repo, 'test/other', { version: '14', files: { 'usr/share/aot-other': 'other\n' } });
  await world.addRemote('second', 'file:///run/upstream');
});

beforeEach(async () => {
  await world.aptOstree(['cleanup', '--pending']);
});

const deployments = async () => (await world.status()).deployments;
const first = async () => (await deployments())[0];

/** Ends well; @returns what it prints */
async function done(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await world.aptOstree(words);
  expect({ exitCode, stderr }, words.join(' ')).toMatchObject({ exitCode: 0 });
  return stdout;
}

/** Fails for the reason given. */
async function refused(reason: string, ...words: string[]): Promise<void> {
  const { exitCode, stderr } = await world.aptOstree(words);
  expect(stderr).toContain(reason);
  expect(exitCode).toBe(1);
}

/** Where `systemctl` only notes what it is asked for, and which deployment boots then. */
async function withSystemctl(...words: string[]) {
  world.write('/run/stub/systemctl', '#!/bin/sh\nls /run/ostree > /run/asked\necho "$@" >> /run/asked\n');
  await world.run(['chmod', '+x', '/run/stub/systemctl']);
  const log = join(world.runtime, 'asked');
  rmSync(log, { force: true });
  const result = await world.aptOstree(words, { env: { PATH: '/run/stub:/usr/sbin:/usr/bin:/sbin:/bin' } });
  const asked = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
  return { ...result, asked };
}

/** Asks for a reboot, and only when the new deployment is staged; says nothing of how to. */
async function reboots(...words: string[]): Promise<void> {
  const { exitCode, stdout, stderr, asked } = await withSystemctl(...words);
  expect({ exitCode, stderr }, words.join(' ')).toMatchObject({ exitCode: 0 });
  expect(stdout).not.toContain('systemctl reboot');
  expect(asked.at(-1)).toBe('reboot');
  expect(asked).toContain('staged-deployment');
}

/** Where the remote cannot be reached. */
const offline = (...words: string[]) =>
  world.run(
    ['sh', '-c', 'umount /run/upstream; exec /run/checkout/node_modules/.bin/apt-ostree "$@"', 'sh', ...words],
    {
      ok: 'any',
    },
  );

describe('upgrade', () => {
  test('--check-diff is --preview', async () => {
    const preview = await done('upgrade', '--preview');
    expect(preview).toMatch(/ {7}Upgraded: bash \S+ -> 99-1\n/);
    expect(await done('upgrade', '--check-diff')).toBe(preview);
    expect(await deployments()).toHaveLength(1);
  });

  test('reboots when it is staged; not where there is nothing newer, for which 77 has an older spelling', async () => {
    await reboots('upgrade', '--reboot');
    expect(await first()).toMatchObject({ checksum: next, staged: true });
    expect(await withSystemctl('upgrade', '--upgrade-unchanged-exit-77', '--reboot')).toMatchObject({
      exitCode: 77,
      stdout: 'No upgrade available.\n',
      asked: [],
    });
  });
});

describe('deploy', () => {
  test('--preview lists the packages, and deploys nothing', async () => {
    expect(await done('deploy', '--preview', 'version=13.1')).toMatch(/^Upgraded:\n {2}bash \S+ -> 99-1\n$/);
    expect(await deployments()).toHaveLength(1);
  });

  test('--download-only fetches it; then --cache-only finds it without the remote, also after a cleanup', async () => {
    const later = await world.nextCommit({ version: '13.2', files: { 'usr/share/aot-later': 'later\n' } });
    await refused("cannot find version '13.2'", 'deploy', '--cache-only', 'version=13.2');
    expect(await done('deploy', '--download-only', 'version=13.2')).toBe('Update downloaded.\n');
    expect(await deployments()).toHaveLength(1);
    await done('cleanup', '--base');
    expect(await offline('deploy', 'version=13.2')).not.toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await offline('deploy', '--cache-only', 'version=13.2');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: later, staged: true, origin: { overrideCommit: later } });
  });

  test('reboots when it is staged; a locked one is left alone by the shutdown', async () => {
    await reboots('deploy', '--reboot', next);
    expect(await first()).toMatchObject({ checksum: next, staged: true, finalizationLocked: false });
    await done('cleanup', '--pending');
    await done('deploy', '--lock-finalization', next);
    expect(await first()).toMatchObject({ checksum: next, staged: true, finalizationLocked: true });
    await world.reboot();
    expect(await world.status()).toMatchObject({ booted: { checksum: world.commit } });
    expect(await deployments()).toHaveLength(1);
  });
});

describe('rebase', () => {
  test('to another branch of the same remote, or the same branch of another', async () => {
    await reboots('rebase', '--branch=test/other', '--reboot', '--skip-purge');
    expect(await first()).toMatchObject({ checksum: other, origin: { refspec: 'debian:test/other' } });
    const refs = await world.run(['ostree', 'refs', '--repo=/ostree/repo']);
    expect(refs.stdout.split('\n')).toEqual(expect.arrayContaining(['debian:test/booted', 'debian:test/other']));
    await done('cleanup', '--pending');
    await done('rebase', '--remote=second', '--skip-purge', '--lock-finalization');
    expect(await first()).toMatchObject({ finalizationLocked: true, origin: { refspec: 'second:test/booted' } });
    await done('cleanup', '--pending');
    await done('rebase', '-m', 'second', '-b', 'test/other', '--skip-purge');
    expect(await first()).toMatchObject({ finalizationLocked: false, origin: { refspec: 'second:test/other' } });
  });

  test('--download-only fetches it; then --cache-only needs no remote, and takes what is here', async () => {
    const words = ['second:test/only', '--skip-purge'];
    const there = ['refs', `--repo=${world.repo}`, '--create=test/only', other];
    await run('ostree', there);
    await refused("cannot find 'second:test/only'", 'rebase', '--cache-only', ...words);
    expect(await done('rebase', '--download-only', ...words, 'version=14')).toBe('Update downloaded.\n');
    expect(await deployments()).toHaveLength(1);
    await commitChange(world.repo, 'test/only', { files: { 'usr/share/aot-only': 'only\n' } });
    const { exitCode, stderr } = await offline('rebase', '--cache-only', ...words);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ checksum: other, staged: true, origin: { refspec: 'second:test/only' } });
  });

  test('--disallow-downgrade refuses an older commit, which is accepted without', async () => {
    await run('ostree', ['refs', `--repo=${world.repo}`, '--create=test/old', world.commit]);
    const old = await commitChange(world.repo, 'test/old', { timestamp: 1_000_000_000 });
    const words = ['rebase', 'test/old', '--skip-purge'];
    await refused('it is chronologically older', ...words, '--disallow-downgrade');
    expect(await deployments()).toHaveLength(1);
    await done(...words);
    expect(await first()).toMatchObject({ checksum: old });
  });
});

describe('kargs', () => {
  test('kernel arguments: reboots when they are staged; a shutdown leaves locked ones alone', async () => {
    await reboots('kargs', '--append=asked=1', '--reboot');
    expect((await first())?.kernelArguments).toContain('asked=1');
    await done('cleanup', '--pending');
    await done('kargs', '--append=locked=1', '--lock-finalization');
    expect(await first()).toMatchObject({ staged: true, finalizationLocked: true });
    await world.reboot();
    expect(await done('kargs')).not.toMatch(/asked|locked/);
  });
});

describe('finalize-deployment', () => {
  test('without a checksum only where that is said; what is not locked only where that is said', async () => {
    await done('kargs', '--append=locked=1', '--lock-finalization');
    expect(await withSystemctl('finalize-deployment')).toMatchObject({ exitCode: 1, asked: [] });
    await reboots('finalize-deployment', '--allow-missing-checksum');
    expect(await first()).toMatchObject({ staged: true, finalizationLocked: false });
    const unlocked = await withSystemctl('finalize-deployment', world.commit);
    expect(unlocked).toMatchObject({ exitCode: 1, asked: [], stderr: expect.stringContaining('already unlocked') });
    await reboots('finalize-deployment', '--allow-unlocked', world.commit);
  });

  test('of a commit that was put together here, its base is what is expected', async () => {
    const metadata = { 'aptostree.base-commit': world.commit };
    const layered = await commitChange(world.repo, 'test/other', { metadata });
    await done('rebase', 'debian:test/other', '--skip-purge', '--lock-finalization');
    expect(await first()).toMatchObject({ checksum: layered });
    const wrong = await withSystemctl('finalize-deployment', layered);
    expect(wrong).toMatchObject({ exitCode: 1, asked: [], stderr: expect.stringContaining(`found ${world.commit}`) });
    await reboots('finalize-deployment', world.commit);
  });
});

describe('reset', () => {
  const kinds = {
    '--overlays': '[packages]\nrequested=htop;\n',
    '--overrides': '[overrides]\nremove=nano;\n',
    '--initramfs': '[rpmostree]\nregenerate-initramfs=true\n',
  };
  const origin = () => `${world.root()}.origin`;
  let plain: string;
  beforeAll(() => {
    plain = readFileSync(origin(), 'utf8');
    return () => writeFileSync(origin(), plain);
  });

  test('--overlays, --overrides and --initramfs drop what they name, and nothing else', async () => {
    for (const [option, text] of Object.entries(kinds)) {
      writeFileSync(origin(), plain + text);
      const others = Object.keys(kinds).filter((o) => o !== option);
      expect(await done('reset', ...others), option).toBe('No change.\n');
      expect(await deployments()).toHaveLength(1);
      await done('reset', option);
      expect(await first()).toMatchObject({
        checksum: world.commit,
        staged: true,
        origin: {
          refspec: world.refspec,
          packages: { requested: [] },
          overrides: { remove: [] },
          regenerateInitramfs: false,
        },
      });
      await done('cleanup', '--pending');
    }
  });

  test('reboots when all of it is gone; a locked one waits', async () => {
    writeFileSync(origin(), plain + Object.values(kinds).join(''));
    await reboots('reset', '--reboot');
    await done('cleanup', '--pending');
    await done('reset', '--lock-finalization');
    expect(await first()).toMatchObject({
      staged: true,
      finalizationLocked: true,
      origin: { regenerateInitramfs: false },
    });
  });
});

test('while a program drives the updates a change of the base is refused, unless --bypass-driver says to go on', async () => {
  const driver = { 'driver-name': 'Zincati', 'driver-sd-unit': 'zincati.service' };
  world.write('/run/apt-ostree/update-driver.json', JSON.stringify(driver));
  world.write('/run/active/systemctl', '#!/bin/sh\necho active\n');
  await world.run(['chmod', '+x', '/run/active/systemctl']);
  const env = { PATH: '/run/active:/usr/sbin:/usr/bin:/sbin:/bin' };
  for (const words of [
    ['deploy', next],
    ['rebase', 'debian:test/other', '--skip-purge'],
  ]) {
    const driven = await world.aptOstree(words, { env });
    expect(driven).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('driven by Zincati') });
    expect(await deployments()).toHaveLength(1);
    expect(await world.aptOstree([...words, '--bypass-driver'], { env })).toMatchObject({ exitCode: 0 });
    expect(await first()).toMatchObject({ staged: true });
    await done('cleanup', '--pending');
  }
  await world.run(['rm', '/run/apt-ostree/update-driver.json']);
});

test('--os and --stateroot name the one that is changed, of two', async () => {
  const admin = (...words: string[]) => world.run(['ostree', 'admin', ...words]);
  const ours = async () => (await deployments()).filter((d) => d.stateroot !== 'second').map((d) => [d.id, d.origin]);
  const before = await ours();
  await admin('stateroot-init', 'second');
  const changes = [
    ['reset'],
    ['kargs', '--append=second=1'],
    ['upgrade'],
    ['deploy', 'version=13.1'],
    ['rebase', 'debian:test/other', '--skip-purge'],
  ];
  await admin('deploy', '--stateroot=second', '--karg=root=LABEL=root', world.commit);
  const file = join(world.sysroot, `${(await first())?.path}.origin`);
  for (const [n, words] of changes.entries()) {
    const layered = words[0] === 'reset' ? '[packages]\nrequested=htop;\n' : '';
    writeFileSync(file, `[origin]\nrefspec=${world.refspec}\n${layered}`);
    const { exitCode, stderr } = await world.aptOstree([...words, SPELLINGS[n % 2] as string]);
    expect(exitCode, stderr).toBe(0);
    expect(await first(), words.join(' ')).toMatchObject({ stateroot: 'second', staged: true });
    expect(await ours()).toEqual(before);
    await admin('undeploy', '0');
  }
  expect(await done('cleanup', '--pending')).toBe('Deployments unchanged.\n');
  expect(await done('cleanup', '--pending', '--os=second')).toMatch(/^Removed deployment 'second-/);
  expect(await deployments()).toHaveLength(before.length);
  for (const n of ['1', '2']) await admin('deploy', '--stateroot=second', '--retain', `--karg=nth=${n}`, world.commit);
  for (const option of SPELLINGS) {
    const [last, other] = await deployments();
    const moving = `Moving '${other?.checksum}.${other?.serial}' to be first deployment`;
    expect(await done('rollback', option)).toMatch(moving);
    expect((await deployments()).slice(0, 2).map((d) => d.id)).toEqual([other?.id, last?.id]);
    expect(await ours()).toEqual(before);
  }
  for (const _ of [1, 2]) await admin('undeploy', '0');
});
const SPELLINGS = ['--os=second', '--stateroot=second'];

describe('with a deployment behind the one that runs', () => {
  beforeAll(async () => {
    await done('cleanup', '--pending');
    await done('deploy', next);
    await world.reboot();
  });

  test('--base removes what nothing refers to, --repomd what apt fetched', async () => {
    const garbage = ['commit', '--repo=/ostree/repo', '--orphan', '--tree=dir=/etc/default'];
    const commit = (await world.run(['ostree', ...garbage])).stdout.trim();
    const object = join(world.sysroot, `ostree/repo/objects/${commit.slice(0, 2)}/${commit.slice(2)}.commit`);
    const cache = join(world.sysroot, 'ostree/repo/extensions/apt-ostree');
    for (const path of ['apt/lists', 'archives']) mkdirSync(join(cache, path), { recursive: true });
    await done('cleanup', '--repomd');
    expect([existsSync(join(cache, 'apt')), existsSync(join(cache, 'archives'))]).toEqual([false, true]);
    expect(existsSync(object)).toBe(true);
    await done('cleanup', '--base');
    expect(existsSync(object)).toBe(false);
    expect(await deployments()).toHaveLength(2);
  });

  test('rollback: reboots when the other one is the default', async () => {
    const { exitCode, asked, stdout } = await withSystemctl('rollback', '--reboot');
    expect({ exitCode, asked: asked.at(-1) }).toEqual({ exitCode: 0, asked: 'reboot' });
    expect(stdout).not.toContain('systemctl reboot');
    expect(await first()).toMatchObject({ checksum: world.commit, booted: false });
    await done('rollback');
  });

  test('--rollback removes what ran before', async () => {
    expect(await done('cleanup', '--rollback')).toBe(`Removed deployment '${world.stateroot}-${world.commit}.0'\n`);
    expect(await deployments()).toMatchObject([{ checksum: next, booted: true }]);
  });
});
