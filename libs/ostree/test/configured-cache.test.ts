import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cachePaths, type ScriptRun, sha256 } from '@apt-ostree/manifest';
import { temporary, tree } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { checkoutConfigured, hasConfigured, storeConfigured } from '../src/index.ts';

const row: ScriptRun = {
  ...{ package: 'a:all', script: 'postinst', args: ['configure', ''], exit: 0, durationMs: 1.5, calls: [] },
  ...{ created: ['/etc/a'], changed: [], removed: [] },
};

function configuredTree(root: string): string {
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/a'), 'a');
  writeFileSync(join(root, 'etc/empty'), '');
  writeFileSync(join(root, 'etc/empty too'), '');
  chmodSync(join(root, 'etc/a'), 0o4711);
  linkSync(join(root, 'etc/a'), join(root, 'etc/b'));
  symlinkSync('etc/a', join(root, 'link'));
  chmodSync(join(root, 'etc'), 0o2750);
  return root;
}

test('a configured tree comes back as it was, with its script record', async () => {
  const at = temporary(onTestFinished);
  const [cache, key] = [join(at, 'cache'), sha256('one')];
  const root = configuredTree(join(at, 'root'));
  expect(hasConfigured(cache, key)).toBe(false);
  await storeConfigured(cache, key, root, [row]);
  expect(hasConfigured(cache, key)).toBe(true);
  expect(await checkoutConfigured(cache, key, join(at, 'new/tree'))).toEqual([row]);
  expect(tree(join(at, 'new/tree'))).toEqual(tree(root));
  const empty = ['empty', 'empty too'].map((name) => lstatSync(join(at, 'new/tree/etc', name)).nlink);
  expect(empty).toEqual([1, 1]);
});

test('the trees used last are kept', async () => {
  const at = temporary(onTestFinished);
  const cache = join(at, 'cache');
  const keys = ['1', '2', '3', '4'].map(sha256) as [string, string, string, string];
  for (const [i, key] of keys.entries()) {
    const root = configuredTree(join(at, key));
    await storeConfigured(cache, key, root, []);
    rmSync(root, { recursive: true });
    if (i < 3) utimesSync(join(cachePaths(cache).configured, `${key}.json`), i + 1, i + 1);
    if (i === 2) await checkoutConfigured(cache, keys[0], join(at, 'used'));
  }
  expect(keys.map((key) => hasConfigured(cache, key))).toEqual([true, false, true, true]);
  await expect(checkoutConfigured(cache, keys[1], join(at, 'forgotten'))).rejects.toThrow('no such file or directory');
  expect(readdirSync(join(cachePaths(cache).repo, 'refs/heads/aot/tree')).length).toBe(3);
});
