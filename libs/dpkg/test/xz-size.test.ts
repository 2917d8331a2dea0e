import { compress } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { xzSize } from '../src/deb/xz-size.ts';
import { chunks } from './store.ts';

const xz = (bytes: Buffer) => compress(chunks(bytes), 'xz');

test.each([0, 1, 1000, 300_000])('the index of an .xz stream of %d bytes says so', async (size) => {
  expect(xzSize(await xz(Buffer.alloc(size, 'x')))).toBe(size);
});

test('two streams, padding, a cut stream and other things have no size', async () => {
  const stream = await xz(Buffer.from('content'));
  expect(xzSize(Buffer.concat([stream, stream]))).toBeUndefined();
  expect(xzSize(Buffer.concat([stream, Buffer.alloc(4)]))).toBeUndefined();
  expect(xzSize(stream.subarray(0, -5))).toBeUndefined();
  expect(xzSize(Buffer.from('something else that is long enough to be looked at'))).toBeUndefined();
  expect(xzSize(Buffer.alloc(0))).toBeUndefined();
});
