import { expect, test } from 'vitest';
import { formatPackageRequest, parsePackageRequest } from '../src/flat.ts';

test.each([
  ['bash', { name: 'bash' }, 'bash'],
  ['libc6:i386', { name: 'libc6', architecture: 'i386' }, 'libc6:i386'],
  ['g++/trixie-backports', { name: 'g++', suite: 'trixie-backports' }, 'g++/trixie-backports'],
  ['a1=1:2~rc1-3', { name: 'a1', relation: '=', version: '1:2~rc1-3' }, 'a1=1:2~rc1-3'],
  ['a1:arm64 >= 2', { name: 'a1', architecture: 'arm64', relation: '>=', version: '2' }, 'a1:arm64>=2'],
  ['a1 (<< 2)', { name: 'a1', relation: '<<', version: '2' }, 'a1<<2'],
  ['a1 > 2', { name: 'a1', relation: '>>', version: '2' }, 'a1>>2'],
])('%s', (text, request, written) => {
  const parsed = parsePackageRequest(text);
  expect(parsed).toEqual(request);
  expect(formatPackageRequest(parsed!)).toBe(written);
  expect(parsePackageRequest(written)).toEqual(request);
});

test.each(['', 'a', '-a', 'Bash', 'a b', 'bash=', 'bash (>= 1', 'bash >= 1)', 'bash/', 'bash=1;x', 'bash=--x'])(
  '%j is none',
  (text) => {
    expect(parsePackageRequest(text)).toBeUndefined();
  },
);
