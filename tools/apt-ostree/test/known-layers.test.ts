import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptRun } from '@apt-ostree/manifest';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { forgetOld, knownLayers, rememberLayer, scriptsOf } from '../src/host/layer/known.ts';

const run = (more: Partial<ScriptRun>): ScriptRun => ({
  ...{ package: 'p:all', script: 'postinst', args: [], exit: 0, durationMs: 1 },
  ...{ calls: [], created: [], changed: [], removed: [], ...more },
});

test('what scripts printed is in a file of its own that only its owner can read, and goes with the layer', async () => {
  const cachedir = temporary(onTestFinished);
  const repo = join(cachedir, 'repo');
  const scripts = [run({ output: 'the password is x' }), run({ script: 'trigger' })];
  for (let n = 0; n < 5; n++)
    await rememberLayer(cachedir, repo, `${n}`.repeat(64), { commit: `${n}`.repeat(64), archives: [], scripts });
  expect(scriptsOf(cachedir, '4'.repeat(64))).toEqual(scripts);
  const file = (suffix: string) => join(cachedir, 'layers', `${'4'.repeat(64)}.${suffix}`);
  expect(readFileSync(file('json'), 'utf8')).not.toContain('password');
  expect(statSync(file('printed')).mode & 0o777).toBe(0o600);
  await forgetOld(cachedir, repo, new Set());
  const left = knownLayers(cachedir).map(({ commit }) => commit);
  expect(left).toHaveLength(3);
  for (let n = 0; n < 5; n++) {
    const there = left.includes(`${n}`.repeat(64));
    const printed = join(cachedir, 'layers', `${`${n}`.repeat(64)}.printed`);
    expect(statSync(printed, { throwIfNoEntry: false }) !== undefined).toBe(there);
  }
});
