import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { chooseStages, configuredStages } from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'aot-choose-'));
afterEach(() => vi.unstubAllEnvs());

test('the command line comes before AOT_EXEC_PATH, the treefile and the configuration', () => {
  writeFileSync(join(directory, 'aot-unpack'), '#!/bin/sh\n');
  chmodSync(join(directory, 'aot-unpack'), 0o755);
  vi.stubEnv('AOT_EXEC_PATH', directory);
  const chosen = chooseStages({
    stage: ['fetch=./mine --x'],
    treefile: { fetch: 'no', unpack: 'no', sandbox: ['./from-treefile', 'a b'], 'after-fetch': 'filter -x' },
    sourceRoot: '/src',
    configured: { sandbox: 'no', commit: "from 'the file'" },
  });
  expect(chosen.program('fetch')).toEqual({ command: ['./mine', '--x'], own: false });
  expect(chosen.program('unpack').command).toEqual([join(directory, 'aot-unpack')]);
  expect(chosen.program('sandbox').command).toEqual(['/src/from-treefile', 'a b']);
  const written = { own: false, writes: 'aot.archives/v1' };
  expect(chosen.after('fetch')).toEqual([{ name: 'after fetch', command: ['filter', '-x'], ...written }]);
  expect(chosen.program('commit').command).toEqual(['from', 'the file']);
  expect(chosen.program('resolve').own).toBe(true);
});

test('a swapped stage gets the arguments of ours; a filter gets none and comes behind its stage', () => {
  const chosen = chooseStages({
    stage: ['fetch=f'],
    after: ['fetch=one', 'resolve=no', 'fetch=two 2'],
    configured: {},
  });
  expect(chosen.stages('fetch', ['--cachedir', 'd'])).toEqual([
    { name: 'fetch', command: ['f', '--cachedir', 'd'], own: false, writes: 'aot.archives/v1' },
    { name: 'after fetch', command: ['one'], own: false, writes: 'aot.archives/v1' },
    { name: 'after fetch', command: ['two', '2'], own: false, writes: 'aot.archives/v1' },
  ]);
});

test.each(['fetch', '=x', 'feetch=x', 'fetch='])('--stage %s is a usage error', (stage) => {
  expect(() => chooseStages({ stage: [stage], configured: {} })).toThrow(expect.objectContaining({ exit: 64 }));
});

test('reads [stages] of the configuration file and nothing else', () => {
  const file = join(directory, 'apt-ostreed.conf');
  writeFileSync(file, '# c\n[Daemon]\nfetch=no\n[stages]\n# commit=no\nfetch = /usr/bin/f --a=b\n');
  expect(configuredStages(file)).toEqual({ fetch: '/usr/bin/f --a=b' });
  expect(configuredStages(join(directory, 'none'))).toEqual({});
  writeFileSync(file, '[stages]\nfeetch=x\n');
  expect(() => configuredStages(file)).toThrow(expect.objectContaining({ exit: 78 }));
});
