import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { processMark, temporaryDirectory } from '@apt-ostree/run';
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

test('temporary files of ended processes go when it is opened, also where another process has the number now', async () => {
  const cache = temporary(onTestFinished);
  const repo = await openBareRepo(join(cache, 'repo'));
  const mine = repo.temporary();
  const [namespace, pid, started] = processMark.split('-');
  const before = join(dirname(mine), `aot-${namespace}-${pid}-${Number(started) - 1}-01234567-0`);
  for (const file of [mine, before]) writeFileSync(file, '');
  await openBareRepo(repo.path);
  expect(readdirSync(dirname(mine)).filter((name) => name.startsWith('aot-'))).toEqual([basename(mine)]);
});
