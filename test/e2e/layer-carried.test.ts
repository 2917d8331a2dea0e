import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { buildDeb, type PackageSpec } from '@apt-ostree/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { HTOP, type LayerWorld, layerWorld } from '../lib/layer-world.ts';
import { commitChange } from '../lib/next-commit.ts';

// Whatever the base becomes, what is layered and overridden stays: from the archive and from files, added on the way or before.

const share = (name: string): PackageSpec => ({
  name,
  version: '1.0-1',
  files: { [`/usr/share/${name}`]: `${name}\n` },
});

let world: LayerWorld;

beforeAll(async () => {
  world = await layerWorld('layer-carried', [share('aot-foo'), share('aot-bar')]);
  for (const spec of [share('aot-local'), share('aot-late'), HTOP])
    writeFileSync(join(world.sysroot, `ostree/deploy/debian/var/${spec.name}.deb`), await buildDeb(spec));
});

beforeEach(() => {
  delete world.server.faults['*'];
});

afterAll(() => world?.server.close());

/** What the next deployment has of all that a test may layer or override, and of its base. */
async function there(): Promise<string[]> {
  const names = ['aot-foo', 'aot-bar', 'aot-local', 'aot-late', 'aot-base', 'aot-other'];
  const found: string[] = [];
  for (const name of names) if ((await world.next(`usr/share/${name}`)) !== undefined) found.push(name);
  const htop = (await world.next('usr/bin/htop')) === 'another htop\n' ? ['htop'] : [];
  return [...found, ...htop];
}

test('an upgrade, with a package from a file added on the way', async () => {
  await world.done('install', 'aot-foo', '/var/aot-local.deb');
  await world.done('override', 'replace', '/var/htop.deb');
  await world.reboot();
  await world.nextCommit({ version: '13.1', files: { 'usr/share/aot-base': 'x\n' } });
  await world.done('upgrade', '--install', '/var/aot-late.deb', '--install=aot-bar', '--uninstall', 'aot-local');
  expect(await there()).toEqual(['aot-foo', 'aot-bar', 'aot-late', 'aot-base', 'htop']);
  await world.reboot();
  expect((await world.run(['cat', '/usr/share/aot-late', '/usr/bin/htop'])).stdout).toBe('aot-late\nanother htop\n');
});

test('a deploy of an older version, and a commit that it stays pinned to', async () => {
  await world.done('deploy', world.commit, '--install=/var/aot-local.deb', '--uninstall=aot-bar');
  expect(await there()).toEqual(['aot-foo', 'aot-local', 'aot-late', 'htop']);
  await world.reboot();
  await world.done('rebase', world.commit);
  await world.reboot();
  await world.done('install', 'aot-bar');
  await world.done('override', 'remove', 'tmux');
  const [next] = (await world.status()).deployments;
  expect(next?.origin).toMatchObject({ refspec: world.commit, overrides: { remove: ['tmux'] } });
  expect(await there()).toEqual(['aot-foo', 'aot-bar', 'aot-local', 'aot-late', 'htop']);
  expect((await world.aot('upgrade')).stderr).toContain('Pinned to commit; no upgrade available');
  await world.done('uninstall', 'aot-bar');
  expect((await world.status()).deployments[0]?.origin.refspec).toBe(world.commit);
});

test('a rebase to another branch', async () => {
  await run('ostree', ['refs', `--repo=${world.repo}`, '--create=test/other', world.commit]);
  await commitChange(world.repo, 'test/other', { version: '14', files: { 'usr/share/aot-other': 'x\n' } });
  await world.done('rebase', 'debian:test/other');
  expect(await there()).toEqual(['aot-foo', 'aot-local', 'aot-late', 'aot-other', 'htop']);
  await world.reboot();
});

test('where no archive is reached any more, all that is here already is enough', async () => {
  world.server.faults['*'] = { status: 500 };
  await world.done('rebase', '--cache-only', 'debian:test/booted');
  expect(await there()).toEqual(['aot-foo', 'aot-local', 'aot-late', 'aot-base', 'htop']);
  await world.done('cleanup', '--pending');
  await world.done('install', '--cache-only', '/var/aot-local.deb', '--idempotent');
  await commitChange(world.repo, 'test/other', { version: '14.1', files: { 'usr/share/aot-base': 'x\n' } });
  await world.run(['ostree', 'pull', '--repo=/ostree/repo', 'debian', 'test/other']);
  await world.done('upgrade', '--cache-only');
  expect(await there()).toEqual(['aot-foo', 'aot-local', 'aot-late', 'aot-base', 'aot-other', 'htop']);
});

test('an older base is refused from what is here too', async () => {
  await commitChange(world.repo, 'test/other', { version: '1', timestamp: 1_000_000_000 });
  await world.run(['ostree', 'pull', '--repo=/ostree/repo', 'debian', 'test/other']);
  const before = await world.deployed();
  const { exitCode, stderr } = await world.aot('upgrade', '--cache-only');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('chronologically older') });
  expect(await world.deployed()).toEqual(before);
});

test('a package from a file is that file by its hash: another in its place is not taken, and without it nothing is made', async () => {
  await world.done('uninstall', '--all');
  const place = join(world.sysroot, 'ostree/deploy/debian/var/aot-local.deb');
  await world.done('install', '/var/aot-local.deb');
  const local = (await world.status()).deployments[0]?.origin.packages.requestedLocal[0] ?? '';
  writeFileSync(place, await buildDeb({ ...share('aot-local'), files: { '/usr/share/aot-local': 'another\n' } }));
  await world.done('install', 'aot-foo');
  expect(await world.next('usr/share/aot-local')).toBe('aot-local\n');
  expect((await world.status()).deployments[0]?.origin.packages.requestedLocal).toEqual([local]);
  const before = await world.deployed();
  const other = await world.aot('install', '/var/aot-local.deb');
  expect(other.stderr).toContain("'aot-local_1.0-1_all' is already requested");
  const sha256 = local.slice(0, 64);
  const kept = join(world.sysroot, 'ostree/repo/extensions/apt-ostree/archives', sha256.slice(0, 2), `${sha256}.deb`);
  expect(existsSync(kept)).toBe(true);
  rmSync(kept);
  const { exitCode, stderr } = await world.aot('install', 'aot-bar');
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("cannot find local packages: 'aot-local_1.0-1_all'\nhint: give their files again"),
  });
  expect(await world.deployed()).toEqual(before);
});
