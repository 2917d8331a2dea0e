import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { type HttpRemote, httpRemote } from '../lib/http-remote.ts';
import { snapshot } from '../lib/snapshot.ts';

let world: BootedWorld;
let remote: HttpRemote;

beforeAll(async () => {
  world = await bootedWorld('host-faults');
  remote = await httpRemote(world, 'host-faults');
  await world.addRemote('web', remote.server.url);
  expect(await world.aptOstree(['rebase', 'web:test/booted'])).toMatchObject({ exitCode: 0 });
  await world.reboot();
});
afterAll(() => remote?.close());

beforeEach(async () => {
  await world.aptOstree(['cleanup', '--pending']);
});

const TOOL = '/run/checkout/node_modules/.bin/apt-ostree';
const deployments = async () => (await world.status()).deployments;
const deploymentsDirectory = () => join(world.sysroot, 'ostree/deploy/debian/deploy');

/** All that decides what a machine boots, and what it then is; and what a download would move. */
const state = async () => ({ deployed: await deployed(), refs: Object.fromEntries(await snapshot(refs())) });
const refs = () => join(world.sysroot, 'ostree/repo/refs');

async function deployed() {
  const names = readdirSync(deploymentsDirectory()).sort();
  const trees = [join(world.sysroot, 'boot')];
  trees.push(...names.filter((n) => !n.endsWith('.origin')).map((n) => join(deploymentsDirectory(), n, 'etc')));
  const origins = names.filter((n) => n.endsWith('.origin')).map((n) => readFileSync(join(deploymentsDirectory(), n)));
  const entries = await Promise.all(trees.map(async (tree) => Object.fromEntries(await snapshot(tree))));
  return {
    names,
    origins: origins.map(String),
    entries,
    staged: existsSync(join(world.runtime, 'ostree/staged-deployment')),
  };
}

/** Fails for the reasons given; everything is as before. */
async function refused(argv: string[], ...reasons: string[]): Promise<void> {
  const before = await state();
  const { exitCode, stdout, stderr } = await world.run(argv, { ok: 'any' });
  for (const reason of reasons) expect(stderr).toContain(reason);
  expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 1, stdout: '' });
  expect(await state()).toEqual(before);
}

let number = 0;
const another = (files: Record<string, string> = {}) => ({
  version: `13.${++number}`,
  files: { 'usr/share/aot-number': `commit ${number} of the faults\n`, ...files },
});

/** Where the server has the object of a file. */
async function objectOf(commit: string, path: string): Promise<string> {
  const { stdout } = await run('ostree', ['ls', '--checksum', `--repo=${world.repo}`, commit, path]);
  const sum = /\b[0-9a-f]{64}\b/.exec(stdout)?.[0] ?? '';
  return `/objects/${sum.slice(0, 2)}/${sum.slice(2)}.filez`;
}

describe('an object of the new commit on the server', () => {
  test.each([
    ['is truncated', (whole: Buffer) => ({ body: whole.subarray(0, 20) }), 'the repository there is damaged'],
    ['is empty', () => ({ body: '' }), 'the repository there is damaged'],
    ['is missing', () => ({ status: 404 }), 'the repository there lacks a part of it'],
  ])('%s', async (_, fault, reason) => {
    const next = await remote.publish(another());
    const object = await objectOf(next, '/usr/share/aot-number');
    remote.server.faults[object] = fault(readFileSync(join(remote.repo, object)));
    await refused(
      [TOOL, 'upgrade'],
      "cannot pull 'test/booted' from remote 'web'",
      reason,
      'hint: nothing was changed',
    );
    delete remote.server.faults[object];
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect((await deployments())[0]).toMatchObject({ checksum: next, staged: true });
  });
});

describe('too little room for what an upgrade brings', () => {
  /** What is written into the repository goes to a small file system. */
  const onSmall = [
    'sh',
    '-ec',
    `mkdir /tmp/small; mount -t tmpfs -o size=3M tmpfs /tmp/small; mkdir /tmp/small/upper /tmp/small/work
     mount -t overlay -o lowerdir=/ostree/repo,upperdir=/tmp/small/upper,workdir=/tmp/small/work overlay /ostree/repo
     exec ${TOOL} "$@"`,
    'sh',
  ];
  const large = () => `${number} ${'large '.repeat(1_000_000)}`;

  const fetched = () => remote.server.log.filter((r) => r.path.endsWith('.filez'));

  test('is found before its files are fetched, with sizes; with room the same command is done', async () => {
    const next = await remote.publish(another({ 'usr/share/aot-large': large() }));
    remote.server.log.length = 0;
    const needs = `cannot pull '${next}': it needs 6.0 MB on '/ostree/repo', `;
    await refused([...onSmall, 'upgrade'], needs, ' MB are free', 'hint: nothing was changed');
    await refused([...onSmall, 'deploy', next], needs);
    expect(fetched()).toEqual([]);
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect((await deployments())[0]).toMatchObject({ checksum: next });
  });

  test('what libostree is to leave free counts', async () => {
    await remote.publish(another({ 'usr/share/aot-large': large() }));
    const set = (value: string) =>
      world.run(['ostree', 'config', '--repo=/ostree/repo', 'set', 'core.min-free-space-size', value]);
    await set('900TB');
    await refused([TOOL, 'upgrade'], 'it needs ', ', 0.0 MB are free\n');
    await set('1MB');
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
  });
});

test('too old a libostree: said before anything is fetched', async () => {
  await remote.publish(another());
  world.write(
    '/run/old/ostree',
    `#!/bin/sh\n[ "$1" != --version ] || { echo "libostree:"; echo " Version: '2022.7'"; exit; }\nexec /usr/bin/ostree "$@"\n`,
  );
  await world.run(['chmod', '+x', '/run/old/ostree']);
  for (const words of [['upgrade'], ['rebase', 'web:test/other'], ['kargs', '--append=x'], ['cleanup', '--pending']]) {
    remote.server.log.length = 0;
    const argv = ['sh', '-c', `PATH=/run/old:$PATH exec ${TOOL} "$@"`, 'sh', ...words];
    await refused(argv, 'cannot use ostree 2022.7: it is older than 2025.2', 'hint: Debian 13 has it');
    expect(remote.server.log).toEqual([]);
  }
});

test('a branch that went back: refused, and the ref stays where it was', async () => {
  await remote.publish({ ...another(), timestamp: 1_000_000_000 });
  await refused([TOOL, 'upgrade'], 'it is chronologically older', "hint: '--allow-downgrade' accepts it");
  await remote.publish({ ...another(), timestamp: 1_000_000_001 }, { ref: 'test/back' });
  await refused([TOOL, 'rebase', '--disallow-downgrade', 'web:test/back'], 'it is chronologically older');
  await remote.publish({ ...another(), timestamp: 4_000_000_000 });
  expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
});

test('an origin that is to be configured first, although it names a branch', async () => {
  const file = `${world.root()}.origin`;
  const plain = readFileSync(file, 'utf8');
  writeFileSync(file, plain.replace('[origin]\n', '[origin]\nunconfigured-state=register this machine first\n'));
  await remote.publish({ ...another(), timestamp: 4_000_010_000 });
  const said = 'the origin is not configured: register this machine first';
  await refused([TOOL, 'upgrade'], said);
  await refused([TOOL, 'upgrade', '--check'], said);
  const theirs = await world.run(['ostree', 'admin', 'upgrade'], { ok: 'any' });
  expect(theirs).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('register this machine first') });
  writeFileSync(file, plain);
});

describe('a deployment that somebody damaged', () => {
  beforeAll(async () => {
    await remote.publish({ ...another(), timestamp: 4_000_020_000 });
    expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
    await world.reboot();
    expect(await deployments()).toHaveLength(2);
  });

  const CHANGES = [
    ['upgrade'],
    ['rollback'],
    ['cleanup', '--rollback'],
    ['kargs', '--append=x'],
    ['deploy', 'version=13'],
  ];

  test('the origin of the one behind is corrupt: it is named, status shows the others, nothing is changed', async () => {
    const [, behind] = await deployments();
    const file = join(world.sysroot, `${behind?.path}.origin`);
    const plain = readFileSync(file);
    writeFileSync(file, 'rubbish\n');
    for (const words of CHANGES)
      await refused([TOOL, ...words], `cannot read '/${behind?.path}.origin': line 1`, 'hint: ');
    const { exitCode, stdout } = await world.aptOstree(['status']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('● web:test/booted\n');
    expect(stdout).toContain(`Damaged: cannot read '/${behind?.path}.origin': line 1`);
    writeFileSync(file, plain);
    expect(await world.aptOstree(['kargs', '--append=x'])).toMatchObject({ exitCode: 0 });
  });

  test('the directory of the one behind was removed by hand', async () => {
    const behind = (await deployments()).find((d) => !d.booted && !d.staged);
    const directory = join(world.sysroot, behind?.path ?? '');
    await run('chattr', ['-i', directory], { ok: 'any' });
    renameSync(directory, `${directory}-away`);
    for (const words of CHANGES)
      await refused([TOOL, ...words], `cannot find the deployment '/${behind?.path}'`, 'hint: ');
    const { exitCode, stdout } = await world.aptOstree(['status']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('● web:test/booted\n');
    renameSync(`${directory}-away`, directory);
    expect(await world.aptOstree(['kargs', '--append=x'])).toMatchObject({ exitCode: 0 });
  });
});

test('a file and a link in /etc where the new commit has directories: both are named, before anything is staged', async () => {
  world.write('/etc/aot-file', 'a file here\n');
  await world.run(['ln', '-s', 'nowhere', '/etc/aot-link']);
  const next = await remote.publish({
    ...another({ 'usr/etc/aot-file/below': 'x', 'usr/etc/aot-link/below': 'x' }),
    timestamp: 4_000_030_000,
  });
  const before = await deployed();
  const { exitCode, stdout, stderr } = await world.aptOstree(['upgrade']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toContain(
    `cannot merge /etc into '${next}': '/etc/aot-file': the new tree has a directory there; '/etc/aot-link': `,
  );
  expect(stderr).toContain('hint: move what is in the way out of /etc');
  expect(await deployed()).toEqual(before);
  await world.run(['rm', '/etc/aot-file', '/etc/aot-link']);
  expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
});

test('nothing was left behind', async () => {
  await world.run(['ostree', 'fsck', '--quiet', '--repo=/ostree/repo']);
});
