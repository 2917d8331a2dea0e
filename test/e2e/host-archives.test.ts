import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchivePackage } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

const tool = (name: string, summary: string, more: Partial<ArchivePackage> = {}): ArchivePackage => ({
  name,
  version: '1.0-1',
  files: { [`/usr/bin/${name}`]: `#!/bin/sh\necho ${name}\n` },
  ...more,
  control: { Description: `${summary}\n A longer text about frobnication.`, ...more.control },
});
const PACKAGES = [
  tool('aot-viewer', 'shows what an aot does'),
  tool('aot-editor', 'changes text'),
  tool('other-thing', 'belongs to AOT too'),
  tool('unrelated', 'nothing of that kind'),
];

let world: LayerWorld;
beforeAll(async () => {
  world = await layerWorld('host-archives', PACKAGES);
});
afterAll(async () => {
  world?.server.close();
  await world?.leave();
});

/** Fails for the reason given. */
async function refused(reason: string, ...words: string[]): Promise<void> {
  const { exitCode, stderr } = await world.aot(...words);
  expect(stderr).toContain(reason);
  expect(exitCode).toBe(1);
}

/** How many files the archive has handed out. */
const fetched = () => world.server.log.filter(({ status }) => status === 200).length;

describe('search', () => {
  test('fetches indices where there are none, and lists by what matches; --os and --stateroot name a system', async () => {
    expect(await world.done('search', 'aot', '--os=debian')).toBe(
      '\n===== Summary & Name Matched =====\naot-viewer : shows what an aot does\n' +
        '\n===== Name Matched =====\naot-editor : changes text\n' +
        '\n===== Summary Matched =====\nother-thing : belongs to AOT too\n',
    );
    const before = fetched();
    expect(await world.done('search', 'VIEW', 'nothing')).toBe(
      '\n===== Name Matched =====\naot-viewer : shows what an aot does\n' +
        '\n===== Summary Matched =====\nunrelated : nothing of that kind\n',
    );
    expect(fetched()).toBe(before);
    await refused("cannot find the stateroot 'nothing'", 'search', '--stateroot=nothing', 'x');
  });

  test('a glob is for the whole text; what matches nothing says so', async () => {
    expect(await world.done('search', 'aot-[!v]*')).toBe('\n===== Name Matched =====\naot-editor : changes text\n');
    expect(await world.done('search', 'ed?tor')).toBe('No matches found.\n');
    expect(await world.done('search', 'frobnication', '[', '(x')).toBe('No matches found.\n');
  });
});

describe('refresh-md', () => {
  const lists = () => {
    const apt = join(world.sysroot, 'ostree/repo/extensions/apt-ostree/apt');
    return existsSync(apt) ? readdirSync(apt) : [];
  };

  test('says what the archives have; a new package is found then', async () => {
    await world.offer([...PACKAGES, tool('aot-new', 'just made')]);
    expect(await world.done('search', 'aot-new')).toBe('No matches found.\n');
    expect(await world.done('refresh-md')).toMatch(
      /^Enabled archives: \S+ \S+\nArchive '\S+ \S+ main'; generated: \d{4}-\S+Z packages: 5\n/,
    );
    expect(await world.done('search', 'aot-new')).toContain('aot-new : just made');
    expect(await world.done('makecache', '--stateroot=debian')).toContain('packages: 5');
  });

  test('--force fetches what did not change; cleanup --repomd removes it', async () => {
    const before = fetched();
    await world.done('refresh-md');
    expect(fetched()).toBe(before);
    await world.done('refresh-md', '--force');
    expect(fetched()).toBeGreaterThan(before);
    expect(lists()).toHaveLength(1);
    await world.done('cleanup', '--repomd');
    expect(lists()).toEqual([]);
  });

  test('names what is wrong with an archive; a host without one is told where to write it', async () => {
    await refused("cannot find the stateroot 'nothing'", 'refresh-md', '--os=nothing');
    rmSync(join(world.archive, 'dists'), { recursive: true });
    await refused('it cannot be reached (404', 'refresh-md');
    await world.run(['mv', '/etc/apt/sources.list.d', '/etc/apt/away']);
    await refused("name its archives in '/etc/apt/sources.list.d/debian.sources'", 'refresh-md');
    await world.run(['mv', '/etc/apt/away', '/etc/apt/sources.list.d']);
    await world.offer(PACKAGES);
  });
});

describe('layered and live', () => {
  test('install --apply-live: usable at once, and after the reboot; with the files of the initramfs', async () => {
    await world.done('initramfs-etc', '--track=/etc/bash.bashrc');
    await world.stay();
    const said = await world.done('install', '-A', 'aot-viewer');
    expect(said).toBe('Added:\n  aot-viewer_1.0-1_all\nSuccessfully updated running filesystem tree.\n');
    expect((await world.run(['aot-viewer'])).stdout).toBe('aot-viewer\n');
    expect((await world.run(['dpkg-query', '--show', 'aot-viewer'])).stdout).toBe('aot-viewer\t1.0-1\n');
    const status = await world.done('status');
    expect(status).toContain('LayeredPackages: aot-viewer');
    expect(status).toContain('InitramfsEtc: /etc/bash.bashrc');
    expect(status).toContain(`BaseCommit: ${world.commit}`);
    expect(await world.done('install', '--idempotent', '--apply-live', 'aot-viewer')).toBe('No change.\n');
    await refused("both '--apply-live' and '--reboot'", 'install', '-A', '--reboot', 'demo');
    await world.reboot();
    const { booted } = await world.status();
    expect(booted).toMatchObject({ unlocked: 'none', origin: { packages: { requested: ['aot-viewer'] } } });
    expect((await world.run(['aot-viewer'])).stdout).toBe('aot-viewer\n');
  });

  test('a layered package is removed, and the initramfs stays changed; then the base is what boots', async () => {
    await world.done('uninstall', 'aot-viewer');
    const [next] = (await world.status()).deployments;
    expect(next?.checksum).not.toBe(world.commit);
    expect(next).toMatchObject({ origin: { packages: { requested: [] }, initramfsEtc: ['/etc/bash.bashrc'] } });
    await world.done('initramfs-etc', '--untrack-all');
    expect((await world.deployed())[0]).toBe(world.commit);
    await world.run(['ostree', 'fsck', '--repo=/ostree/repo', '--quiet']);
  });
});
