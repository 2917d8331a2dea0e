import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import words from './words-not-packages.json' with { type: 'json' };

const top = join(import.meta.dirname, '../..');

/** The packages of docs/examples on Debian 13, as `jq -r '.packages[].name'` says of their locks. */
const NAMES = new Set(
  readFileSync(join(import.meta.dirname, 'package-names.txt'), 'utf8')
    .trim()
    .split('\n'),
);

/** What a compose consists of. What these do for one package is a row of a reviewed data file, or goes by a path. */
const PARTS = [
  ...['aot-resolve', 'aot-fetch', 'aot-unpack', 'aot-sandbox', 'aot-commit'].map((name) => `tools/${name}/src`),
  ...['apt', 'bwrap', 'dpkg', 'layout', 'manifest', 'ostree', 'pipeline', 'treefile'].map((name) => `libs/${name}/src`),
];

/** Whole string literals; those inside of longer texts, such as hints, advise and decide nothing. */
const literals = (text: string): string[] =>
  [...text.matchAll(/`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\\n])*"|'((?:\\.|[^'\\\n])*)'/g)].flatMap(([, word]) => word ?? []);

const sources = PARTS.flatMap((part) =>
  readdirSync(join(top, part), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(part, name)),
);

/** Comments go first: an apostrophe in one would begin a literal. */
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

const found = sources.flatMap((file) =>
  literals(withoutComments(readFileSync(join(top, file), 'utf8')))
    .filter((word) => NAMES.has(word))
    .map((word) => ({ file, word })),
);

test('no stage of a compose names a package in its code', () => {
  expect(found.filter(({ word }) => !(word in words))).toEqual([]);
});

test('words that are no packages where they stand are still used', () => {
  expect(Object.keys(words).filter((word) => !found.some((f) => f.word === word))).toEqual([]);
});

test('what is looked for would be found', () => {
  expect(literals("const a = 'man-db'; throw new Error(`no ${x}, add 'bash'`, \"or 'sed'\");")).toEqual(['man-db']);
  expect(withoutComments("// it's one\nconst a = 'b'; /* it's */")).toContain("'b'");
  expect([NAMES.has('man-db'), NAMES.has('base-passwd'), sources.length > 100]).toEqual([true, true, true]);
});
