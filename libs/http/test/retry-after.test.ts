import { expect, test } from 'vitest';
import { retryAfter } from '../src/index.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

test.each([
  [undefined, undefined],
  ['120', 120_000],
  ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
  ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
])('Retry-After: %s', (value, milliseconds) => {
  expect(retryAfter(value, NOW)).toBe(milliseconds);
});
