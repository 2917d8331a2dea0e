import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfiguration } from '../src/index.ts';

const file = join(mkdtempSync(join(tmpdir(), 'aot-configuration-')), 'apt-ostreed.conf');
const read = (text: string) => {
  writeFileSync(file, text);
  return readConfiguration(file);
};
const DEFAULTS = { automaticUpdatePolicy: 'none', idleExitTimeout: 60, lockLayering: false, recommends: undefined };

test('what is not said has its default', () => {
  expect(readConfiguration('/nonexistent')).toEqual(DEFAULTS);
  expect(read('[stages]\nfetch=/x\n')).toEqual(DEFAULTS);
  expect(read('# only a comment\n[Daemon]\n')).toEqual(DEFAULTS);
});

test('every key', () => {
  const text = '[Daemon]\nAutomaticUpdatePolicy=stage\nIdleExitTimeout = 0\nLockLayering=true\nRecommends=false\n';
  expect(read(text)).toEqual({
    ...{ automaticUpdatePolicy: 'stage', idleExitTimeout: 0, lockLayering: true, recommends: false },
  });
});

test.each([
  ['[Daemon]\nAutomaticUpdatePolicy=always\n', "AutomaticUpdatePolicy cannot be 'always'"],
  ['[Daemon]\nIdleExitTimeout=-1\n', "IdleExitTimeout cannot be '-1'"],
  ['[Daemon]\nIdleExitTimeout=1e3\n', "IdleExitTimeout cannot be '1e3'"],
  ['[Daemon]\nRecommends=yes\n', "Recommends cannot be 'yes'"],
  ['[Daemon]\nNoSuchKey=1\n', "there is no 'NoSuchKey' in [Daemon]"],
  ['[Daemon]\ntoString=1\n', "there is no 'toString' in [Daemon]"],
  ['Recommends=true\n', 'line 1'],
])('%j is refused', (text, message) => {
  expect(() => read(text)).toThrow(message);
});
