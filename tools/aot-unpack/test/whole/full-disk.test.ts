import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fullDisk, type PackageSpec, tool } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { archives, text } from '../archives.ts';

const noise = (n: number) => Array.from({ length: n }, (_, i) => Math.sin(i + 1).toString(36)).join('');

test('a full disk ends with 74 and leaves no tree', async () => {
  const disk = await fullDisk(4);
  onTestFinished(() => disk.close());
  const big: PackageSpec = { name: 'big', files: { '/usr/share/big': noise(400_000) }, compression: 'gz' };
  const cachedir = join(disk.path, 'cache');
  const manifest = await archives(join(disk.outside, 'cache'), [big]);
  const args = ['--rootfs', join(disk.path, 'root'), '--cachedir', cachedir, '-q'];
  const result = await tool('aot-unpack', args, { stdin: text(manifest), prefix: disk.prefix });
  expect(result.stderr).toMatch(/no space left on device\nhint: free some space/);
  expect(result).toMatchObject({ code: 74, stdout: '' });
  expect(readdirSync(disk.outside)).toEqual(['cache']);
});
