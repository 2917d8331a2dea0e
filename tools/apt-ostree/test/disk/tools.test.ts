import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { diskTools } from '../../src/compose/disk/tools.ts';

const MIB = 2 ** 20;

/** A record of a directory has 8 bytes and the name, rounded up to 4; `.` and `..` take 24 of a block. */
const names = [...Array.from({ length: 72 }, (_, i) => String(i).padStart(48, 'n')), 'last'.padStart(32, 'n')];

test('a directory whose block has no room for its checksum gets one', async () => {
  const directory = temporary();
  const [file, content] = [join(directory, 'disk.img'), join(directory, 'content')];
  mkdirSync(join(content, 'full'), { recursive: true });
  for (const name of names) writeFileSync(join(content, 'full', name), '');
  writeFileSync(file, '');
  truncateSync(file, 64 * MIB);
  const tools = diskTools(file, file, 0, { disk: 64 * MIB, needed: 0, inodes: 1000 }, new AbortController().signal);
  const uuid = '3f0bb5d0-6a5e-4e6e-9d5c-4b0b2f6f0c11';
  const root = { name: 'root' as const, start: MIB, size: 32 * MIB };
  await tools.ext4(root, { label: 'root', uuid, seed: uuid }, content);
  const { stdout } = await run('/usr/sbin/e2fsck', ['-fn', `${file}?offset=${MIB}`]);
  expect(stdout).toContain('root: ');
});
