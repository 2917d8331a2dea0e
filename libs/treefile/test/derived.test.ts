import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { loadDerived } from '../src/index.ts';

function load(text: string) {
  const file = join(temporary(onTestFinished), 'more.yaml');
  writeFileSync(file, text);
  return loadDerived(file);
}

test('says what a system is to have besides its image', () => {
  const text = `packages: [aa bb=1]
override-remove: [cc]
ex-override-replace:
  - from: {repo: trixie-backports}
    packages: [dd, ee]
`;
  expect(load(text)).toEqual({
    packages: ['aa', 'bb=1'],
    remove: ['cc'],
    replace: [{ repo: 'trixie-backports', packages: ['dd', 'ee'] }],
  });
});

test('may say little', () => expect(load('packages:\n')).toEqual({ packages: [], remove: [], replace: [] }));

test.each([
  ['ref: a\nunits: [b]\n', /the following base fields are not supported at '.*more.yaml:1': ref, units/],
  ['override-removed: [a]\n', /unknown key 'override-removed' at '.*more.yaml:1'/],
  ['override-remove: a\n', /it is no list at/],
  ['override-remove: [aa=1]\n', /'aa=1' is no name of a package at/],
  ['override-remove: [../a]\n', /is no name of a package at/],
  ['packages: [A]\n', /'A' is no package at/],
  ['ex-override-replace: [{packages: [a]}]\n', /'from' names no 'repo' at/],
  ['ex-override-replace: [{from: {repo: "a;b"}, packages: [a]}]\n', /'from' names no 'repo' at/],
])('refuses %j', (text, words) => expect(() => load(text)).toThrow(words));
