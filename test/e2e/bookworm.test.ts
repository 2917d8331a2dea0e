import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { tool } from '@apt-ostree/testkit';
import { beforeAll, expect, test } from 'vitest';
import { type RealTree, realTree } from '../lib/real-tree.ts';

let tree: RealTree;
beforeAll(async () => {
  tree = await realTree('test/trees/bookworm.yaml');
});

const inTree = (...argv: string[]) => tool('aot-sandbox', ['exec', '--rootfs', tree.rootfs, '--', ...argv]);

test('Debian 12 is composed: its packages are configured, by its own dpkg', async () => {
  expect(await inTree('dpkg', '--audit')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const { stdout } = await inTree('sh', '-c', '. /etc/os-release; echo "$VERSION_CODENAME"');
  expect(stdout).toBe('bookworm\n');
  await run('ostree', ['fsck', `--repo=${tree.repo}`]);
});

test('its /usr is merged, as whoever makes a tree of Debian 12 has to see to', () => {
  for (const name of ['bin', 'sbin', 'lib']) expect(readlinkSync(join(tree.rootfs, name))).toBe(`usr/${name}`);
});
