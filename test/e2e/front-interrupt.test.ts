import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '@apt-ostree/run';
import { afterEach, beforeEach, expect, test } from 'vitest';

const front = join(import.meta.dirname, '../../node_modules/.bin/apt-ostree');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'aot-interrupt-'));
  writeFileSync(join(directory, 'tree.yaml'), 'ref: test/interrupt\npackages: [hello]\n');
  // A stage with a child of its own, which does not end by itself.
  writeFileSync(join(directory, 'stage.sh'), `#!/bin/sh\nsh -c 'sleep 1000; true' ${directory}\n`);
  chmodSync(join(directory, 'stage.sh'), 0o755);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The processes that have the directory of this test in their arguments: front end, inner front end, stage. */
function processes(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(directory) ? [line] : [];
      } catch {
        return [];
      }
    });
}

async function until(what: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !what(); ) {
    if (performance.now() > end) throw new Error(`still there: ${processes().join('\n')}`);
    await sleep(50);
  }
}

/** Starts a compose that hangs in its first stage. */
async function hanging() {
  const args = ['compose', 'tree', '--repo', join(directory, 'repo'), '--cachedir', join(directory, 'cache')];
  const stage = ['--stage', `resolve=${join(directory, 'stage.sh')}`, join(directory, 'tree.yaml')];
  const started = start(front, [...args, ...stage], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  await until(() => processes().some((line) => line.startsWith(`/bin/sh ${directory}/stage.sh`)));
  return started;
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the stages before the front end, whose exit code names it', async (signal, code) => {
  const { child, ended } = await hanging();
  child.kill(signal);
  expect(await ended).toEqual({ code, signal: null });
  expect(processes()).toEqual([]);
});

test('a signal for the whole process group, as a terminal sends it, does the same', async () => {
  const { child, ended } = await hanging();
  process.kill(-(child.pid as number), 'SIGINT');
  expect(await ended).toEqual({ code: 130, signal: null });
  expect(processes()).toEqual([]);
});

test.each([false, true])('SIGKILL leaves no process (of the whole group: %s)', async (group) => {
  const { child, ended } = await hanging();
  process.kill(group ? -(child.pid as number) : (child.pid as number), 'SIGKILL');
  await ended;
  await until(() => processes().length === 0);
});
