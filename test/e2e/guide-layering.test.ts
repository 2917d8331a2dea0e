import { afterAll, beforeAll, expect, test } from 'vitest';
import { shellBlocks } from '../lib/guide.ts';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';

// docs/layering.md in a machine that has booted: block by block, as printed.

const REBOOT = 'systemctl reboot';
const blocks = shellBlocks('docs/layering.md', 'sh host');
let world: LayerWorld;

beforeAll(async () => {
  const hello = { content: '#!/bin/sh\necho hello\n', mode: 0o755 };
  world = await layerWorld('guide-layering', [{ name: 'aot-hello', files: { '/usr/bin/aot-hello': hello } }]);
});

afterAll(() => world?.server.close());

async function follow(command: string): Promise<string> {
  const block = blocks.find((b) => b.includes(command)) as string;
  const path = '/run/checkout/node_modules/.bin:/usr/sbin:/usr/bin';
  const script = block.replaceAll(REBOOT, '');
  const { exitCode, stdout, stderr } = await world.run(['bash', '-euo', 'pipefail', '-c', script], {
    ok: 'any',
    env: { PATH: path },
  });
  expect(exitCode, stderr).toBe(0);
  if (block.includes(REBOOT)) await world.reboot();
  return stdout;
}

test('every block is followed', () => {
  const followed = ['--dry-run', 'ex scripts', '--all', 'override remove'];
  expect(blocks.filter((b) => !followed.some((command) => b.includes(command)))).toEqual([]);
});

test('a package is layered, and runs after a reboot', async () => {
  expect(await follow('--dry-run')).toContain('LayeredPackages: aot-hello\n');
  const said = await follow('ex scripts');
  expect(said).toContain('hello\nNo upgrade available.\n');
  expect(said).toMatch(/^dpkg configure: ended with 0, \d+ ms$/m);
});

test('taken out, the base is what runs', async () => {
  expect(await follow('--all')).toContain('Removed:\n  aot-hello_1.0-1_all\n');
  expect((await world.status()).booted).toMatchObject({ checksum: world.commit });
});

test('an override and its end', async () => {
  expect(await follow('override remove')).toMatch(/^Removed:\n {2}htop_\S+\n/);
  expect((await world.deployed())[0]).toBe(world.commit);
});
