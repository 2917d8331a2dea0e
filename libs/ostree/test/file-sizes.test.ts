import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { bytesToFetch, encodeFileSizes } from '../src/index.ts';

const sum = (letter: string) => letter.repeat(64);

test('what a repository lacks counts in blocks, once', () => {
  const repo = temporary();
  mkdirSync(join(repo, 'objects/aa'), { recursive: true });
  writeFileSync(join(repo, 'objects/aa', `${sum('a').slice(2)}.file`), 'x');
  const sizes = new Map([
    [sum('c'), 4097],
    [sum('a'), 1_000_000],
    [sum('b'), 0],
  ]);
  expect(bytesToFetch(repo, encodeFileSizes(sizes))).toBe(3 * 4096);
  expect(bytesToFetch(repo, encodeFileSizes(new Map([...sizes].reverse())))).toBe(3 * 4096);
  expect(Buffer.from(encodeFileSizes(sizes))).toEqual(Buffer.from(encodeFileSizes(new Map([...sizes].reverse()))));
});

test.each([undefined, 'text', new Uint8Array(13)])('a commit that does not say', (value) => {
  expect(bytesToFetch(temporary(), value)).toBeUndefined();
});
