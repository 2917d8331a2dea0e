import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivePackage, buildDeb, type PackageSpec } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeBase } from '../lib/base-package.ts';
import { HTOP, type LayerWorld, layerWorld } from '../lib/layer-world.ts';

// What is asked for and the base: what becomes of requests and overrides as bases come and go.

const FOO: ArchivePackage = { name: 'aot-foo', version: '1.0-1', files: { '/usr/share/aot-foo': 'layered\n' } };
const PACKAGES: ArchivePackage[] = [
  FOO,
  { name: 'aot-rival', control: { Conflicts: 'aot-foo' } },
  { name: 'aot-needs', control: { Depends: 'htop' } },
];

let world: LayerWorld;
/** Of htop in the first base. */
let version: string;

beforeAll(async () => {
  world = await layerWorld('layer-inactive', PACKAGES);
  const shown = async (name: string) =>
    (await world.run(['dpkg-query', '--show', '-f', '${Version}', name])).stdout.trim();
  version = await shown('htop');
  const split = {
    name: 'aot-split',
    control: { Depends: `htop (= ${version})` },
    files: { '/usr/share/aot-split': 'x\n' },
  };
  await world.offer([...PACKAGES, split, HTOP]);
});

afterAll(() => world?.server.close());

const origin = async () => (await world.status()).deployments[0]?.origin;

/** Writes a package where the booted system sees it as /var/NAME.deb. */
async function file(spec: PackageSpec): Promise<string> {
  writeFileSync(join(world.sysroot, `ostree/deploy/debian/var/${spec.name}.deb`), await buildDeb(spec));
  return `/var/${spec.name}.deb`;
}

async function refused(...words: string[]): Promise<string> {
  const before = await world.deployed();
  const { exitCode, stdout, stderr } = await world.aot(...words);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(await world.deployed()).toEqual(before);
  return stderr;
}

describe('a request', () => {
  test('is inactive as soon as a base has the package, and the base itself is what boots', async () => {
    await world.done('install', 'aot-foo');
    const base = await changeBase(world, '13.1', {
      name: 'aot-foo',
      version: '1.0-1',
      files: { '/usr/share/aot-foo': 'base\n' },
    });
    await world.done('upgrade');
    expect((await world.deployed())[0]).toBe(base);
    expect((await origin())?.packages.requested).toEqual(['aot-foo']);
    expect(await world.next('usr/share/aot-foo')).toBe('base\n');
    const status = await world.done('status', '-v');
    expect(status).toContain('InactiveRequests: aot-foo\n');
    expect(status).not.toContain('LayeredPackages');
    const { deployments } = JSON.parse(await world.done('status', '--json'));
    expect(deployments[0]).toMatchObject({ packages: [], 'requested-packages': ['aot-foo'] });
    await world.reboot();
  });

  test('that is inactive is asked for all the same, and what conflicts with it conflicts with the base', async () => {
    expect(await refused('install', 'aot-foo')).toContain("'aot-foo' is already requested");
    expect(await refused('install', 'aot-rival')).toMatch(/'aot-foo' 1\.0-1 would be removed/);
  });

  test('is layered again when a base has the package no more', async () => {
    await changeBase(world, '13.2', { name: 'aot-foo', version: undefined });
    await world.done('upgrade', '--uninstall', 'aot-foo');
    expect((await origin())?.packages.requested).toEqual([]);
    await world.nextCommit({ files: { 'usr/share/aot-foo': null, 'usr/lib/sysimage/dpkg/info/aot-foo.list': null } });
    await world.done('upgrade', '--install', 'aot-foo');
    expect(await world.next('usr/share/aot-foo')).toBe('layered\n');
    expect(await world.done('status')).toContain('LayeredPackages: aot-foo\n');
    await world.reboot();
  });

  test('is in the way of what conflicts with it, in the archive and in a new base', async () => {
    expect(await refused('install', 'aot-rival')).toMatch(/'aot-rival' conflicts with aot-foo/);
    await changeBase(world, '13.3', { name: 'aot-clash', version: '1', control: { Conflicts: 'aot-foo' } });
    const said = await refused('upgrade');
    expect(said).toMatch(/aot-clash/);
    expect(said).toMatch(/aot-foo/);
    await changeBase(world, '13.4', { name: 'aot-clash', version: undefined });
    await world.done('upgrade');
    expect(await world.next('usr/share/aot-foo')).toBe('layered\n');
  });

  test('may need the very version that the base has, when the archive has a newer one', async () => {
    await world.done('install', 'aot-split');
    expect(await world.next('usr/share/aot-split')).toBe('x\n');
    expect(await world.next('usr/bin/htop')).not.toBe('another htop\n');
    await world.done('uninstall', '--all');
    await world.reboot();
  });
});

describe('a replacement', () => {
  /** What status says of them for the deployment that boots next. */
  const rows = async () => {
    const [next = ''] = (await world.done('status', '-v')).split('\n\n');
    return next.match(/\w*LocalOverrides: .*$/gm);
  };

  test('is inactive where a base has that very version, and active again where it has another', async () => {
    await world.done('override', 'replace', await file(HTOP));
    expect(await rows()).toEqual([`LocalOverrides: htop ${version} -> 99-1`]);
    const same = await changeBase(world, '14.1', { name: 'htop', version: '99-1', architecture: 'amd64' });
    await world.done('upgrade');
    expect((await world.deployed())[0]).toBe(same);
    expect(await rows()).toEqual(['InactiveLocalOverrides: htop_99-1_amd64']);
    expect((await origin())?.overrides.replaceLocal).toHaveLength(1);
    await world.reboot();
    expect(await world.done('upgrade')).toBe('No upgrade available.\n');
    expect(await refused('override', 'replace', '/var/htop.deb')).toContain(
      "the base has these packages already: 'htop_99-1_amd64'",
    );
    await changeBase(world, '14.2', { name: 'htop', version: '98-1', architecture: 'amd64' });
    await world.done('upgrade');
    expect(await rows()).toEqual(['LocalOverrides: htop 98-1 -> 99-1']);
    expect(await world.next('usr/bin/htop')).toBe('another htop\n');
  });

  test('is inactive where a base lacks the package, and is taken back there too, by its full name', async () => {
    const without = await changeBase(world, '14.3', { name: 'htop', version: undefined });
    await world.done('upgrade');
    expect((await world.deployed())[0]).toBe(without);
    expect(await rows()).toEqual(['InactiveLocalOverrides: htop_99-1_amd64']);
    await world.done('override', 'reset', 'htop_99-1_amd64');
    expect((await origin())?.overrides).toEqual({ remove: [], replaceLocal: [], replace: [] });
    await changeBase(world, '14.4', { name: 'htop', version, architecture: 'amd64' });
    await world.done('upgrade');
    await world.reboot();
  });

  test('of one of two packages that go together is refused, and both at once are not', async () => {
    const common = await file({ name: 'vim-common', version: '99:1-1', files: { '/usr/share/aot-common': 'x\n' } });
    const tiny = await file({
      ...{ name: 'vim-tiny', version: '99:1-1', architecture: 'amd64' },
      control: { Depends: 'vim-common (= 99:1-1)' },
    });
    expect(await refused('override', 'replace', common)).toMatch(/vim-tiny/);
    expect(await refused('override', 'replace', tiny)).toMatch(/vim-common/);
    await world.done('override', 'replace', common, tiny);
    expect(await world.next('usr/share/aot-common')).toBe('x\n');
    await world.done('override', 'reset', 'vim-common', 'vim-tiny_99:1-1_amd64');
    expect((await origin())?.overrides.replaceLocal).toEqual([]);
  });

  test('and a package from a file besides, in one deployment', async () => {
    const local = await file({ name: 'aot-local', control: { Depends: 'htop (>= 99)' } });
    await world.done('override', 'replace', await file(HTOP), '--install', local);
    expect(await origin()).toMatchObject({
      overrides: { replaceLocal: [expect.stringMatching(/:htop_99-1_amd64$/)] },
      packages: { requestedLocal: [expect.stringMatching(/:aot-local_1.0-1_all$/)] },
    });
    expect(await refused('override', 'reset', 'htop')).toMatch(/aot-local/);
    await world.done('reset');
  });
});

describe('a removal', () => {
  test('of several is taken back one by one', async () => {
    await world.done('override', 'remove', 'htop', 'tmux');
    await world.done('override', 'reset', 'tmux');
    expect((await origin())?.overrides.remove).toEqual(['htop']);
    expect(await world.next('usr/bin/tmux')).toBeDefined();
    expect(await world.next('usr/bin/htop')).toBeUndefined();
    expect(await refused('install', 'htop')).toMatch(/htop/);
    await world.done('override', 'reset', '--all');
  });

  test('of what something layered needs is refused, and of something layered too', async () => {
    await world.done('install', 'aot-needs');
    expect(await refused('override', 'remove', 'htop')).toMatch(/aot-needs/);
    const said = await refused('override', 'remove', 'aot-needs');
    expect(said).toContain("packages not in the base: 'aot-needs'\nhint: 'apt-ostree uninstall aot-needs'");
  });

  test('that is inactive is taken back', async () => {
    await world.done('reset', '--overlays');
    await world.done('override', 'remove', 'tmux');
    const base = await changeBase(world, '15.1', { name: 'tmux', version: undefined });
    await world.done('upgrade');
    expect((await world.deployed())[0]).toBe(base);
    expect((await origin())?.overrides.remove).toEqual(['tmux']);
    await world.done('override', 'reset', 'tmux');
    expect((await origin())?.overrides.remove).toEqual([]);
    expect((await world.deployed())[0]).toBe(base);
  });
});
