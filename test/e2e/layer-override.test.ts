import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDeb, type PackageSpec } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeBase } from '../lib/base-package.ts';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

let world: LayerWorld;
/** Of htop in the base. */
let version: string;

const HTOP: PackageSpec = {
  name: 'htop',
  version: '99-1',
  architecture: 'amd64',
  files: { '/usr/bin/htop': 'another htop\n', '/usr/share/htop/new': 'new\n' },
  scripts: { preinst: 'echo "$@" > /usr/share/htop-preinst', postinst: 'echo "$@" > /usr/share/htop-postinst' },
};

beforeAll(async () => {
  world = await layerWorld('layer-override', [HTOP, { name: 'aot-needs', control: { Depends: 'htop' } }]);
  version = (await world.run(['dpkg-query', '--show', '-f', '${Version}', 'htop'])).stdout;
});

afterAll(() => world?.server.close());

/** Writes a package where the booted system sees it as /var/NAME.deb. */
async function file(spec: PackageSpec): Promise<string> {
  writeFileSync(join(world.sysroot, `ostree/deploy/debian/var/${spec.name}.deb`), await buildDeb(spec));
  return `/var/${spec.name}.deb`;
}

const overrides = async () => (await world.status()).deployments[0]?.origin.overrides;
const UNDO = 'Use "apt-ostree override reset" to undo overrides\nRun "systemctl reboot" to start a reboot\n';

test('a package of the base is removed, with its files, without the network', async () => {
  world.server.faults['*'] = { status: 500 };
  expect(await world.done('override', 'remove', 'htop')).toBe(`Removed:\n  htop_${version}_amd64\n${UNDO}`);
  expect(await overrides()).toMatchObject({ remove: ['htop'] });
  expect(await world.next('usr/bin/htop')).toBeUndefined();
  expect(await world.next('usr/lib/sysimage/dpkg/status')).not.toMatch(/^Package: htop\nStatus: .* installed$/m);
  expect(await world.done('status')).toContain(`RemovedBasePackages: htop ${version}\n`);
});

test('what needs a removed package cannot be layered', async () => {
  delete world.server.faults['*'];
  const before = await world.deployed();
  const { exitCode, stderr } = await world.aot('install', 'aot-needs');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/htop/) });
  expect(await world.deployed()).toEqual(before);
});

test('the removal is carried through an upgrade, and is inactive while the base lacks the package', async () => {
  await changeBase(world, '13.1', { name: 'htop', version: undefined });
  const inactive = await world.done('upgrade');
  expect(inactive).toContain(`Removed:\n  htop_${version}_amd64\n`);
  expect(await overrides()).toMatchObject({ remove: ['htop'] });
  expect(await world.done('status', '-v')).toContain('InactiveBaseRemovals: htop\n');
  const control = { Depends: 'libncursesw6' };
  await changeBase(world, '13.2', { name: 'htop', version, architecture: 'amd64', control });
  await world.done('upgrade');
  expect(await world.done('status')).toContain(`RemovedBasePackages: htop ${version}\n`);
});

test('reset takes it back, by name; what is not overridden is an error', async () => {
  const { exitCode, stderr } = await world.aot('override', 'reset', 'bash', 'htop', 'dash');
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("error: No overrides for package 'bash'; No overrides for package 'dash'\n"),
  });
  await world.done('override', 'reset', 'htop');
  expect(await overrides()).toEqual({ remove: [], replaceLocal: [], replace: [] });
  expect(await world.next('usr/bin/htop')).toBeDefined();
});

describe('a replacement from a file', () => {
  test('is unpacked over the old version, as dpkg does it', async () => {
    expect(await world.done('override', 'replace', await file(HTOP))).toBe(
      `Upgraded:\n  htop ${version} -> 99-1\n${UNDO}`,
    );
    expect(await world.next('usr/bin/htop')).toBe('another htop\n');
    expect(await world.next('usr/share/htop/new')).toBe('new\n');
    expect(await world.next('usr/share/man/man1/htop.1.gz')).toBeUndefined();
    expect(await world.next('usr/share/htop-preinst')).toBe(`upgrade ${version} 99-1\n`);
    expect(await world.next('usr/share/htop-postinst')).toBe(`configure ${version}\n`);
    expect(await world.done('status')).toContain(`LocalOverrides: htop ${version} -> 99-1\n`);
  });
  test('gives way to a removal, and everything is reset', async () => {
    await world.done('override', 'remove', 'htop');
    expect(await overrides()).toMatchObject({ remove: ['htop'], replaceLocal: [] });
    await world.done('override', 'replace', '/var/htop.deb');
    expect(await overrides()).toMatchObject({ remove: [], replaceLocal: [expect.stringMatching(/:htop_99-1_amd64$/)] });
    await world.done('reset', '--overrides');
    expect(await overrides()).toEqual({ remove: [], replaceLocal: [], replace: [] });
  });
});

test('a replacement from an archive follows that archive', async () => {
  const usage = await world.aot('override', 'replace', 'htop');
  expect(usage).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("cannot replace 'htop': it is no file") });
  await world.done('override', 'replace', '--experimental', '--from', 'repo=testkit', 'htop');
  expect(await overrides()).toMatchObject({ replace: ['repo=testkit,htop'] });
  expect(await world.next('usr/bin/htop')).toBe('another htop\n');
  await world.done('override', 'reset', '--all');
});

test('frozen, it stays the version that was found, also when the archive has a newer one', async () => {
  const from = ['override', 'replace', '--freeze', 'htop'];
  expect((await world.aot(...from)).stderr).toContain('Must specify --experimental to use --freeze or --from');
  expect((await world.aot(...from, '--experimental')).stderr).toContain("option '--freeze' needs '--from'");
  await world.done('override', 'replace', '--experimental', '--from=repo=testkit', 'htop');
  await world.done(...from, '--experimental', '--from=repo=testkit');
  expect(await overrides()).toEqual({
    remove: [],
    replaceLocal: [expect.stringMatching(/^[0-9a-f]{64}:htop_99-1_amd64$/)],
    replace: [],
  });
  expect(await world.done(...from, '--experimental', '--from=repo=testkit')).toBe('No change.\n');
  await world.offer([{ ...HTOP, version: '100-1' }]);
  expect(await world.done('upgrade')).toBe('No upgrade available.\n');
  expect(await world.done('status')).toContain(`LocalOverrides: htop ${version} -> 99-1\n`);
  await world.done('override', 'reset', '--all');
});

test('what the base lacks cannot be overridden', async () => {
  const { exitCode, stderr } = await world.aot('override', 'remove', 'aot-needs', 'aot-nothing');
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("packages not in the base: 'aot-needs', 'aot-nothing'"),
  });
});

test('a removal that others of the base need is refused, with all of them', async () => {
  const { exitCode, stderr } = await world.aot('override', 'remove', 'libncursesw6');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/packages of the base would change: .*'htop' \S+ would be removed/);
});
