import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BusWorld, busWorld, NOBODY, PROGRAMS } from '../lib/bus-world.ts';

const ACTIVATOR = '/run/activator';

let world: BusWorld;

beforeAll(async () => {
  world = await busWorld('daemon-start', { activation: [], activator: ACTIVATOR, startTimeout: 1000 });
});
afterAll(() => world.close());

async function activator(script: string): Promise<void> {
  world.write(ACTIVATOR, `#!/bin/sh\n${script}\n`);
  await world.exec(['chmod', '+x', ACTIVATOR]);
}

const WAITING = 'note: waiting for the daemon: apt-ostreed.service takes long to start\n';

test('what takes longer than the bus waits, and fails then: it is said what failed', async () => {
  await activator('mkdir /run/tried 2> /dev/null && exec sleep 60; echo; exit 3');
  const { exitCode, stderr } = await world.client(['upgrade'], { uid: NOBODY });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(WAITING) });
  expect(stderr).toMatch(/^error: cannot start the daemon: apt-ostreed\.service: .*status 3$/m);
  expect(stderr).toContain("hint: 'systemctl status apt-ostreed' says more; root can work without it\n");
});

test('a wait for it can be interrupted', async () => {
  await activator('touch /run/asked; exec sleep 60');
  const client = world.launch([`${PROGRAMS}/apt-ostree`, 'upgrade']);
  while (!existsSync(join(world.runtime, 'asked'))) await new Promise((resolve) => setTimeout(resolve, 50));
  process.kill(world.processOf(client, 'apt-ostree'), 'SIGINT');
  expect(await client.ended).toMatchObject({ code: 130 });
});

test('what takes longer than the bus waits, as under systemd, is waited for', async () => {
  // what is started goes on when the bus gives up, and there is one of it
  const daemon = `sleep 3; exec ${PROGRAMS}/apt-ostreed`;
  await activator(`mkdir /run/starting 2> /dev/null && setsid sh -c '${daemon}' & exec sleep 60`);
  const { exitCode, stdout, stderr } = await world.client(['upgrade', '--check']);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 77 });
  expect(stderr).toContain(WAITING);
  expect(stderr).not.toContain('without the daemon');
});
