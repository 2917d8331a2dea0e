import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tool, tree } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { lab } from '../lab.ts';

const exec = (rootfs: string, ...rest: string[]) => tool('aot-sandbox', ['exec', '--rootfs', rootfs, ...rest]);

test('a command runs in the tree, with its own exit code, and changes nothing', async () => {
  const it = await lab([]);
  const before = tree(it.rootfs);
  const result = await exec(it.rootfs, '--', 'sh', '-c', 'cat /etc/os-release; rm -r /etc; exit 42');
  expect(result).toMatchObject({ code: 42, stderr: '' });
  expect(result.stdout).toContain('NAME="Tiny"');
  expect(tree(it.rootfs)).toEqual(before);
});

test('--write keeps what a command that ended well changed', async () => {
  const it = await lab([]);
  expect((await exec(it.rootfs, '--write', '--', 'sh', '-c', 'echo new >/etc/new; rm -r /opt; mkdir /opt')).code).toBe(
    0,
  );
  expect((await exec(it.rootfs, '--write', '--', 'sh', '-c', 'echo bad >/etc/bad; exit 1')).code).toBe(1);
  expect(readFileSync(join(it.rootfs, 'etc/new'), 'utf8')).toBe('new\n');
  expect(existsSync(join(it.rootfs, 'etc/bad'))).toBe(false);
  expect(readdirSync(it.directory).filter((name) => name.startsWith('aot-tmp'))).toEqual([]);
});

test('what is missing is said', async () => {
  const it = await lab([]);
  expect(await exec(it.rootfs)).toMatchObject({ code: 64 });
  expect(await tool('aot-sandbox', ['exec', '--', 'true'])).toMatchObject({ code: 64 });
  expect(await exec('/nowhere', '--', 'true')).toMatchObject({ code: 66 });
});

test('a tree that was left half-applied is refused, one that was made again is not', async () => {
  const it = await lab([]);
  const { dev, ino, birthtimeMs } = statSync(it.rootfs);
  const marker = join(it.directory, `.${basename(it.rootfs)}.half-applied`);
  writeFileSync(marker, `${dev}:${ino}:${birthtimeMs}\n`);
  const refused = await it.run();
  expect(refused.code).toBe(65);
  expect(refused.stderr).toContain('an earlier run was cut short while it changed the tree\nhint: make the tree again');
  writeFileSync(marker, 'another\n');
  expect((await exec(it.rootfs, '--', 'true')).code).toBe(0);
  expect(existsSync(marker)).toBe(false);
});
