import { expect, test } from 'vitest';
import { notOurs } from '../../src/container/mounts.ts';

const MOUNTS = `22 1 0:20 / / rw - overlay overlay rw
23 22 0:21 / /proc rw - proc proc rw
24 22 8:1 /hosts /etc/hosts rw - ext4 /dev/sda1 rw
25 22 8:1 /c /var/cache/with\\040space rw - ext4 /dev/sda1 rw
`;

test('mounts, what is below them, and our caches are not to be touched', () => {
  const kept = notOurs(MOUNTS);
  const paths = ['proc/1', 'etc/hosts', 'var/cache/with space/x', 'var/cache/apt-ostree/apt/lists', '.dockerenv'];
  expect(paths.filter((path) => !kept(path))).toEqual([]);
});

test('the rest is, although the root itself is a mount', () => {
  const kept = notOurs(MOUNTS);
  expect(['var', 'var/cache', 'var/cache/apt-ostree2', 'etc', 'etc/hosts2'].filter(kept)).toEqual([]);
});
