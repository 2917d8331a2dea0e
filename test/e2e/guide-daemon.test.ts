import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BusWorld, busWorld, PROGRAMS } from '../lib/bus-world.ts';
import { TOP } from '../lib/checkout.ts';
import { shellBlocks } from '../lib/guide.ts';

// docs/daemon.md in a machine with a bus and polkit: block by block, as printed.

const blocks = shellBlocks('docs/daemon.md', 'sh host');
let world: BusWorld;
let next: string;
beforeAll(async () => {
  world = await busWorld('guide-daemon', { rules: '', activation: [] });
  next = await world.nextCommit({ version: '13.2', files: { 'usr/share/aot-guide': 'x' } });
});
afterAll(() => world.close());

async function follow(command: string): Promise<string> {
  const block = blocks.find((b) => b.includes(command)) as string;
  const { exitCode, stdout, stderr } = await world.exec(['bash', '-euo', 'pipefail', '-c', block], {
    env: { PATH: `${PROGRAMS}:/usr/sbin:/usr/bin` },
  });
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

test('every block is followed', () => {
  const followed = ['daemon-ping', 'polkit.addRule', 'AutomaticUpdatePolicy', 'upgrade.py', 'apt-ostree cancel'];
  expect(blocks.filter((b) => !followed.some((command) => b.includes(command)))).toEqual([]);
});

test('every action is told of', () => {
  const policy = readFileSync(join(TOP, 'tools/apt-ostreed/data/org.aptostree1.policy'), 'utf8');
  const guide = readFileSync(join(TOP, 'docs/daemon.md'), 'utf8');
  const actions = [...policy.matchAll(/<action id="org\.aptostree1\.([\w-]+)"/g)].map((m) => m[1]);
  expect(actions.length).toBeGreaterThan(10);
  expect(actions.filter((action) => !guide.includes(`\`${action}\``))).toEqual([]);
});

test('the bus starts it, and it answers', async () => {
  expect(await follow('daemon-ping')).toMatch(/^pong\n[\s\S]*\/org\/aptostree1\/debian\n[\s\S]*\(objectpath '\/org/);
});

test('automatic updates look, and status tells', async () => {
  expect(await follow('AutomaticUpdatePolicy')).toMatch(new RegExp(`AvailableUpdate:\n.*13\\.2[\\s\\S]*${next}`));
});

test('a rule lets a group upgrade, by a program', async () => {
  await follow('polkit.addRule');
  expect(await follow('upgrade.py')).toContain(next);
  expect(await follow('apt-ostree cancel')).toBe('No active transaction.\n');
  const games = ['setpriv', '--reuid=games', '--regid=games', '--init-groups', '--', `${PROGRAMS}/apt-ostree`];
  let code = 1;
  for (let tries = 0; tries < 20 && code !== 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100)); // polkitd reads its rules again
    code = (await world.exec([...games, 'upgrade'])).exitCode;
  }
  expect(code).toBe(0);
  expect((await world.exec([...games, 'rollback'])).stderr).toContain("'org.aptostree1.rollback' is not granted");
});
