import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, test } from 'vitest';
import { keepNumbers } from '../src/accounts/keep-numbers.ts';
import { readKnown } from '../src/accounts/known.ts';
import { renumber } from '../src/accounts/renumber.ts';

const moves = (tree: Record<string, number>, known: Record<string, number>) =>
  Object.fromEntries(renumber(new Map(Object.entries(tree)), known));

describe('numbers of accounts', () => {
  test.each([
    ['nothing is known', { a: 101, b: 102 }, {}, {}],
    ['all is as it was', { a: 101 }, { a: 101, gone: 300 }, {}],
    ['a name has its number again', { a: 101 }, { a: 250 }, { 101: 250 }],
    ['two names change places', { a: 101, b: 102 }, { a: 102, b: 101 }, { 101: 102, 102: 101 }],
    ['a number belongs to another name', { a: 999 }, { local: 999 }, { 999: 998 }],
    [
      'a newcomer gives way, and takes no number of others',
      { a: 995, b: 998 },
      { a: 998, c: 999 },
      { 995: 998, 998: 997 },
    ],
  ])('%s', (_, tree, known, wanted) => {
    expect(moves(tree, known)).toEqual(wanted);
  });
});

test('files, modes and entries go with the number', () => {
  const root = temporary();
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\na:x:101:101::/:/bin/false\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\na:x:101:root\n');
  writeFileSync(join(root, 'file'), 'x');
  chownSync(join(root, 'file'), 101, 101);
  chmodSync(join(root, 'file'), 0o6755);
  keepNumbers(root, { users: { a: 201 }, groups: { a: 202 } });
  expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toContain('a:x:201:202:');
  expect(readFileSync(join(root, 'etc/group'), 'utf8')).toContain('a:x:202:root\n');
  const { uid, gid, mode } = statSync(join(root, 'file'));
  expect([uid, gid, mode & 0o7777]).toEqual([201, 202, 0o6755]);
});

test.each(['', '[]', '{"users":{}}', '{"users":{"a":-1},"groups":{}}', '{"users":{"a":"1"},"groups":{}}'])(
  'a table that is none: %s',
  (text) => {
    const file = join(temporary(), 'accounts.json');
    writeFileSync(file, text);
    expect(() => readKnown(file)).toThrow('it is no table of users and groups');
  },
);
