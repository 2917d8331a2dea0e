import { expect, test } from 'vitest';
import { nextVersion } from '../src/version.ts';

const CLOCK = Date.UTC(2026, 10, 22, 23, 59, 59) / 1000;

test.each([
  ['13', undefined, '13'],
  ['13', '13', '13.1'],
  ['13', '13.1', '13.2'],
  ['13', '13.9', '13.10'],
  ['13', '12.5', '13'],
  ['13', '130.1', '13'],
  ['13', '13.x', '13'],
  ['13.<date:%Y%m%d>', undefined, '13.20261122.0'],
  ['13.<date:%Y%m%d>', '13.20261122.0', '13.20261122.1'],
  ['13.<date:%Y%m%d>', '13.20261121.4', '13.20261122.0'],
  ['<date:%y.%j>', undefined, '26.326.0'],
  ['<date:%F-%H%M%S>', undefined, '2026-11-22-235959.0'],
])("prefix '%s' after '%s' gives '%s'", (prefix, previous, expected) => {
  expect(nextVersion(prefix, '.', previous, CLOCK)).toBe(expected);
});

test('the suffix separates', () => {
  expect(nextVersion('13', '-', '13', CLOCK)).toBe('13-1');
  expect(nextVersion('13', '-', '13-4', CLOCK)).toBe('13-5');
});

test('an unknown conversion is named', () => {
  expect(() => nextVersion('<date:%Q>', '.', undefined, CLOCK)).toThrow(/'%Q'/);
});
