import { run } from '@apt-ostree/run';
import { temporary, tool } from '@apt-ostree/testkit';
import { fakeRegistry } from '@apt-ostree/testkit/fake-registry';
import { beforeAll, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { CACHE } from '../lib/checkout.ts';
import { shellBlocks } from '../lib/guide.ts';

// The half of the guide that runs on the host, in a machine that has booted: block by block, as printed.

const REBOOT = 'systemctl reboot';
const blocks = shellBlocks('docs/hosts.md', 'sh host');
let world: BootedWorld;
let next: string;
beforeAll(async () => {
  world = await bootedWorld('guide-hosts');
  next = await world.nextCommit({ version: '13.2', files: { 'usr/share/aot-guide': 'x' } });
});

/** Runs the block that has this command, and boots where it says so. */
async function follow(command: string, variables: Record<string, string> = {}): Promise<string> {
  const block = blocks.find((b) => b.includes(command)) as string;
  const path = '/run/checkout/node_modules/.bin:/usr/sbin:/usr/bin';
  const { exitCode, stdout, stderr } = await world.run(['bash', '-euo', 'pipefail', '-c', block.replace(REBOOT, '')], {
    ok: 'any',
    env: { PATH: path, ...variables },
  });
  expect(exitCode, stderr).toBe(0);
  if (block.includes(REBOOT)) await world.reboot();
  return stdout;
}

const booted = async () => (await world.status()).booted;
const checksums = async () => (await world.status()).deployments.map((d) => d.checksum);

test('every block is followed', () => {
  const followed = [
    ...['status\n', 'upgrade --check', 'rollback\n', '--append=panic=10', 'admin pin', 'cleanup'],
    ...['remote add', 'initramfs-etc --track', 'initramfs --enable', 'apply-live', 'ostree-unverified-registry:'],
  ];
  expect(blocks.filter((b) => !followed.some((command) => b.includes(command)))).toEqual([]);
});

test('a remote is added with the key of its builder', async () => {
  const home = temporary();
  const gpg = (...words: string[]) => run('gpg', ['--homedir', home, '--batch', '--quiet', ...words]);
  await gpg('--passphrase', '', '--quick-generate-key', 'builder@example.org', 'ed25519', 'sign', 'never');
  world.write('/var/roothome/builder.asc', (await gpg('--armor', '--export', 'builder@example.org')).stdout);
  await follow('remote add');
  const remotes = await world.run(['ostree', 'remote', 'list', '--show-urls']);
  expect(remotes.stdout).toMatch(/^origin +https:\/\/os\.example\.org\/repo$/m);
  const keys = await world.run(['ostree', 'remote', 'gpg-list-keys', 'origin']);
  expect(keys.stdout).toContain('builder@example.org');
  await run('gpgconf', ['--homedir', home, '--kill', 'all'], { ok: 'any' });
});

test('status shows what runs', async () => {
  expect(await follow('status\n')).toContain(world.commit);
});

test('an upgrade runs after a reboot', async () => {
  expect(await follow('upgrade --check')).toContain(next);
  expect(await booted()).toMatchObject({ checksum: next });
});

test('a rollback brings the old one back', async () => {
  await follow('rollback\n');
  expect(await booted()).toMatchObject({ checksum: world.commit });
});

test('kernel arguments are there after a reboot', async () => {
  await follow('--append=panic=10');
  expect((await world.aptOstree(['kargs'])).stdout).toContain('panic=10');
});

test('a file of /etc is in the initramfs, which is made here, and not any more', async () => {
  world.write('/etc/crypttab', 'data LABEL=data none luks\n');
  expect(await follow('initramfs-etc --track')).toContain('Tracked files:\n  /etc/crypttab\n');
  expect(await booted()).toMatchObject({ origin: { initramfsEtc: ['/etc/crypttab'] } });
  expect(await follow('initramfs --enable')).toContain('Initramfs args: --force-drivers loop\n');
  expect((await checksums())[0]).toBe(world.commit);
});

test('an upgrade is applied live, and booted later', async () => {
  expect(await follow('apply-live')).toContain(`LiveCommit: ${next}`);
  expect(await booted()).toMatchObject({ checksum: next, unlocked: 'none' });
});

test('pinned, unpinned, and cleaned up', async () => {
  expect(await follow('admin pin')).toMatch(/pinned/i);
  expect((await checksums()).length).toBeGreaterThan(1);
  await follow('cleanup');
  expect(await checksums()).toHaveLength(1);
});

test('an image in a registry is followed in place of the branch', async () => {
  const registry = await fakeRegistry();
  const output = ['--output', `registry:${registry.host}/os/server:13`, '--cachedir', CACHE];
  const pushed = await tool('aot-ociexport', ['--quiet', '--repo', world.repo, '--ref', next, ...output], {
    timeout: 600_000,
  });
  expect(pushed.code, pushed.stderr).toBe(0);
  await follow('ostree-unverified-registry:', { REGISTRY: registry.host });
  const { stdout } = await world.aptOstree(['status', '--booted']);
  const digest = JSON.parse(pushed.stdout).digest;
  expect(stdout).toContain(`● ostree-unverified-registry:${registry.host}/os/server:13\n`);
  expect(stdout).toContain(`Digest: ${digest}\n`);
});
