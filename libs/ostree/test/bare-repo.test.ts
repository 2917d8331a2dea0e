import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { openBareRepo } from '../src/index.ts';

test('what a killed initialisation left beside its repository goes when that is opened, what others hold stays', async () => {
  const cache = temporary(onTestFinished);
  await openBareRepo(join(cache, 'repo'));
  const left = join(cache, 'aot-tmp.0123456789ab');
  mkdirSync(left);
  writeFileSync(`${left}.lock`, '');
  const held = await temporaryDirectory(cache);
  await openBareRepo(join(cache, 'repo'));
  expect(existsSync(held.path)).toBe(true);
  await held.remove();
  expect(readdirSync(cache)).toEqual(['repo']);
});
