import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fullDisk, imageLayout, temporary, tool } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';

const noise = (n: number) => Array.from({ length: n }, (_, i) => Math.sin(i + 1).toString(36)).join('');

test('a full disk ends with 74 and leaves no ref and nothing half-written', async () => {
  const disk = await fullDisk(8);
  onTestFinished(() => disk.close());
  const layers = [[{ name: 'usr/big', content: noise(1_000_000) }]];
  const { reference } = await imageLayout(join(temporary(onTestFinished), 'image'), { layers });
  const args = [reference, '-q', '--repo', join(disk.path, 'repo'), '--ref', 'x'];
  const result = await tool('aot-ociimport', args, { prefix: disk.prefix });
  expect(result.stderr).toMatch(/no space left on device\nhint: free some space/);
  expect(result).toMatchObject({ code: 74, stdout: '' });
  const repo = join(disk.outside, 'repo');
  expect(readdirSync(join(repo, 'refs/heads'))).toEqual([]);
  expect(readdirSync(join(repo, 'tmp')).filter((name) => name.startsWith('aot'))).toEqual([]);
});
