import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivePackage, buildDeb } from '@apt-ostree/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HTOP, type LayerWorld, layerWorld } from '../lib/layer-world.ts';

// Every option of the commands that change what is layered or overridden, by what it does.

const plain = (name: string): ArchivePackage => ({ name, version: '1.0-1', files: { [`/usr/share/${name}`]: 'x\n' } });
const PACKAGES = [...['aot-layered', 'aot-tool', 'aot-more', 'aot-never'].map(plain), HTOP];

/** Each command with something to do, on a machine that has aot-layered and lacks vim-tiny. */
const COMMANDS = [
  ['install', 'aot-tool'],
  ['uninstall', 'aot-layered'],
  ['override', 'replace', '/var/htop.deb'],
  ['override', 'remove', 'htop'],
  ['override', 'reset', 'vim-tiny'],
].map((words) => ({ name: words.slice(0, -1).join(' '), words }));

let world: LayerWorld;
let running: string;

beforeAll(async () => {
  world = await layerWorld('layer-options', PACKAGES);
  writeFileSync(join(world.sysroot, 'ostree/deploy/debian/var/htop.deb'), await buildDeb(HTOP));
  await world.done('install', 'aot-layered');
  await world.done('override', 'remove', 'vim-tiny');
  await world.reboot();
  running = (await world.status()).booted?.checksum ?? '';
});

beforeEach(async () => {
  delete world.server.faults['*'];
  await world.done('cleanup', '--pending');
});

afterAll(() => world?.server.close());

const first = async () => (await world.status()).deployments[0];
const origin = async () => (await first())?.origin;

/** Fails for the reason given, and deploys nothing. */
async function refused(reason: string | RegExp, ...words: string[]): Promise<void> {
  const { exitCode, stderr } = await world.aot(...words);
  expect(stderr).toMatch(reason);
  expect(exitCode).toBe(1);
  expect((await world.deployed())[0]).toBe(running);
}

/** Nothing more comes from the archive. */
const offline = () => {
  world.server.faults['*'] = { status: 500 };
};

describe.each(COMMANDS)('$name', ({ words }) => {
  test('--dry-run says what would come, and does nothing', async () => {
    expect(await world.done(...words, '--dry-run')).toMatch(
      /^((Installing|Replacing|Removing) \d+ packages?:\n( {2}\S.*\n)+)+Exiting because of '--dry-run' option\n$/,
    );
    expect((await world.deployed())[0]).toBe(running);
    await refused("both '--reboot' and '--dry-run'", ...words, '--dry-run', '--reboot');
  });

  test('--install, --uninstall, --reboot and --lock-finalization at once: staged, rebooted for, and not booted', async () => {
    const further = words[0] === 'install' ? ['aot-more'] : ['--install', 'aot-more'];
    const gone = words[0] === 'uninstall' ? [] : ['--uninstall', 'aot-layered'];
    const asked = await rebooting(...words, ...further, ...gone, '--reboot', '--lock-finalization');
    expect([asked.includes('staged-deployment'), asked.at(-1)]).toEqual([true, 'reboot']);
    const requested = words[0] === 'install' ? ['aot-tool', 'aot-more'] : ['aot-more'];
    expect((await origin())?.packages.requested).toEqual(requested);
    expect(await world.next('usr/share/aot-more')).toBe('x\n');
    expect(await world.next('usr/share/aot-layered')).toBeUndefined();
    expect(await first()).toMatchObject({ staged: true, finalizationLocked: true });
    await world.reboot();
    expect((await world.status()).booted?.checksum).toBe(running);
  });
});

/** With a systemctl that only tells: what was staged when it was called, and at the end with what it was. */
async function rebooting(...words: string[]): Promise<string[]> {
  const log = join(world.runtime, 'asked');
  rmSync(log, { force: true });
  world.write('/run/stub/systemctl', '#!/bin/sh\nls /run/ostree > /run/asked\necho "$@" >> /run/asked\n');
  await world.run(['chmod', '+x', '/run/stub/systemctl']);
  const env = { PATH: '/run/stub:/usr/sbin:/usr/bin:/sbin:/bin' };
  const { exitCode, stdout } = await world.aptOstree(words, { env });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.not.stringContaining('systemctl reboot') });
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
}

describe('--cache-only', () => {
  test('install --download-only brings what it needs, and deploys nothing', async () => {
    await world.done('cleanup', '--repomd');
    await refused('indices of these archives were never fetched', 'install', '--cache-only', 'aot-never');
    await world.done('refresh-md');
    await refused(/aot-never/, 'install', '-C', 'aot-never');
    expect(await world.done('install', '--download-only', 'aot-never')).toBe('Update downloaded.\n');
    expect((await world.deployed())[0]).toBe(running);
    offline();
    await world.done('install', '--cache-only', 'aot-never');
    expect((await origin())?.packages.requested).toEqual(['aot-layered', 'aot-never']);
    await refusedBoth('download-only', 'cache-only', 'install', 'aot-tool');
    await refusedBoth('reboot', 'download-only', 'install', 'aot-tool');
  });

  test.each([
    { words: ['override', 'replace', '--experimental', '--from=repo=testkit', 'htop'], needs: [] },
    { words: ['override', 'remove', 'htop'], needs: ['--install', 'aot-tool'] },
    { words: ['override', 'reset', '--all'], needs: ['--install', 'aot-tool'] },
  ])('$words takes what was fetched before, and asks no server', async ({ words, needs }) => {
    await world.done(...words, ...needs);
    const [expected] = await world.deployed();
    await world.done('cleanup', '--pending');
    await world.done('refresh-md');
    const { length } = world.server.log;
    await world.done(...words, ...needs, '--cache-only');
    expect((await world.deployed())[0]).toBe(expected);
    expect(world.server.log).toHaveLength(length);
  });
});

/** Two options that say the opposite. */
async function refusedBoth(a: string, b: string, ...words: string[]): Promise<void> {
  const { exitCode, stderr } = await world.aot(...words, `--${a}`, `--${b}`);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/cannot specify both/) });
}

describe('requests', () => {
  test('uninstall --all with --install: only what is asked for now is left', async () => {
    await refused("cannot name packages with '--all'", 'uninstall', '--all', 'aot-layered');
    await world.done('uninstall', '--all', '--install', 'aot-more');
    expect((await origin())?.packages.requested).toEqual(['aot-more']);
  });

  test('uninstall --idempotent and --unchanged-exit-77: what is gone already is no change', async () => {
    await refused("'aot-tool' is not currently requested", 'uninstall', 'aot-tool');
    expect(await world.done('uninstall', '--idempotent', 'aot-tool')).toBe('No change.\n');
    const { exitCode, stdout } = await world.aot('uninstall', '--idempotent', '--unchanged-exit-77', 'aot-tool');
    expect({ exitCode, stdout }).toEqual({ exitCode: 77, stdout: 'No change.\n' });
    expect(await world.aot('uninstall', '--unchanged-exit-77', 'aot-layered')).toMatchObject({ exitCode: 0 });
  });

  test('uninstall --allow-inactive: what is layered instead may be in the base', async () => {
    const words = ['uninstall', 'aot-layered', '--install', 'htop'];
    await refused(/"htop" is already provided by: htop_/, ...words);
    await world.done(...words, '--allow-inactive');
    expect((await origin())?.packages.requested).toEqual(['htop']);
    expect(await world.done('status', '-v')).toContain('InactiveRequests: htop\n');
  });
});

describe('overrides', () => {
  test('replace --remove and remove --replace do both at once', async () => {
    const both = { remove: ['vim-tiny', 'tmux'], replaceLocal: [expect.stringMatching(/:htop_99-1_amd64$/)] };
    for (const words of [
      ['replace', '/var/htop.deb', '--remove', 'tmux'],
      ['remove', 'tmux', '--replace', '/var/htop.deb'],
    ]) {
      const said = await world.done('override', ...words);
      expect(said).toMatch(/^Upgraded:\n {2}htop \S+ -> 99-1\nRemoved:\n {2}tmux_\S+\n/);
      expect((await origin())?.overrides).toMatchObject(both);
      expect(await world.next('usr/bin/htop')).toBe('another htop\n');
      expect(await world.next('usr/bin/tmux')).toBeUndefined();
      await world.done('cleanup', '--pending');
    }
  });

  test('reset --all takes every one back, and cannot be about some', async () => {
    await world.done('override', 'replace', '/var/htop.deb');
    await world.done('override', 'reset', '--all');
    expect((await origin())?.overrides).toEqual({ remove: [], replaceLocal: [], replace: [] });
    const { exitCode, stderr } = await world.aot('override', 'reset', '--all', 'htop');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('with --all') });
  });
});

test('--assumeyes changes nothing, as nothing is asked: not with a terminal, and not without one', async () => {
  const apt = '/run/checkout/node_modules/.bin/apt-ostree';
  const commands = (yes: string) =>
    `${apt} install ${yes} aot-tool && ${apt} override remove htop && ${apt} uninstall ${yes} aot-layered && echo ended`;
  const silence = `mkfifo /run/silent && exec 3<> /run/silent && { ${commands('')}; } <&3`;
  expect((await world.run(['sh', '-c', silence])).stdout).toMatch(/ended\n$/);
  const [expected] = await world.deployed();
  await world.done('cleanup', '--pending');
  const terminal = ['script', '--quiet', '--return', '--command', commands('--assumeyes'), '/dev/null'];
  expect((await world.run(terminal)).stdout).toMatch(/ended\r?\n$/);
  expect((await world.deployed())[0]).toBe(expected);
});

test('without a terminal there are lines, and no bars', async () => {
  const { stdout, stderr } = await world.aot('install', 'aot-tool');
  expect(stdout + stderr).not.toMatch(/[\r\u001b\u2588\u2591]|\d+ ?%/);
});
