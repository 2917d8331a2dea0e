import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sysroot } from '@apt-ostree/host';
import { lock } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { isLocked, nobodyHoldsIt } from '../src/libostree-lock.ts';

const sysroot = (path: string): Sysroot => ({
  path,
  repo: join(path, 'ostree/repo'),
  isBooted: false,
  deployments: [],
  booted: undefined,
});

test('a lock that somebody holds ends as busy; one that is let go, or was never made, does not', async () => {
  const path = temporary(onTestFinished);
  expect(() => nobodyHoldsIt(sysroot(path))).not.toThrow();
  mkdirSync(join(path, 'ostree'));
  const file = join(path, 'ostree/lock');
  writeFileSync(file, '');
  expect(() => nobodyHoldsIt(sysroot(path))).not.toThrow();
  const held = await lock(file);
  expect(() => nobodyHoldsIt(sysroot(path))).toThrow(expect.objectContaining({ exit: 75 }));
  await held.release();
  expect(() => nobodyHoldsIt(sysroot(path))).not.toThrow();
});

test("the kernel's list names devices and inodes, and those who wait", () => {
  const text = [
    '1: OFDLCK ADVISORY  WRITE -1 fe:00:5392040 0 EOF',
    '1: -> FLOCK  ADVISORY  WRITE 71 08:102:17 0 EOF',
    '2: POSIX  ADVISORY  READ 70 00:1f:9 0 EOF',
  ].join('\n');
  expect(isLocked(text, 0xfe00n, 5392040n)).toBe(true);
  expect(isLocked(text, 0xfe00n, 539204n)).toBe(false);
  expect(isLocked(text, 0xfe01n, 5392040n)).toBe(false);
  expect(isLocked(text, 0x1fn, 9n)).toBe(true);
  expect(isLocked(text, 0x100802n, 17n)).toBe(false);
  expect(isLocked(text.replace('-> ', ''), 0x100802n, 17n)).toBe(true);
  expect(statSync('/', { bigint: true }).dev).toBeTypeOf('bigint');
});
