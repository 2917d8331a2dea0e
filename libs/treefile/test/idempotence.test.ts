import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Files, load } from './fixture.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/);
const words = fc.uniqueArray(word, { maxLength: 4 });
const map = fc.dictionary(word, fc.oneof(word, fc.boolean(), fc.nat(), words), { maxKeys: 4 });

/** Treefiles that load, of every kind of value. */
const treefile = fc.record(
  {
    ref: word,
    edition: fc.constantFrom('2014', 2024),
    packages: fc.array(
      fc.tuple(word, fc.constantFrom('', '=1.0', '/sid', ':i386')).map(([n, s]) => n + s),
      { maxLength: 6 },
    ),
    'packages-amd64': words,
    units: words.map((names) => names.map((n) => `${n}.service`)),
    recommends: fc.boolean(),
    releasever: fc.oneof(word, fc.nat()),
    variables: fc.dictionary(word, fc.oneof(word, fc.boolean(), fc.nat()), { maxKeys: 3 }),
    metadata: map,
    'add-commit-metadata': map,
    postprocess: words,
    'etc-group-members': words,
    'remove-files': words,
    'add-files': words.map((names) => names.map((n) => ['file', `/etc/${n}`])),
    'check-passwd': fc.oneof(
      fc.constant({ type: 'none' }),
      fc.constant({ type: 'file', filename: 'file' }),
      fc.dictionary(word, fc.nat(), { maxKeys: 3 }).map((entries) => ({ type: 'data', entries })),
    ),
    debconf: fc.dictionary(
      word.map((w) => `${w}/q`),
      fc.oneof(word, fc.boolean(), words),
      { maxKeys: 3 },
    ),
    repos: fc.constantFrom(['debian'], ['debian.sources'], ['debian', 'debian']),
    stages: fc.constantFrom({ fetch: './run.sh -x' }, { 'after-fetch': ['jq', '.'] }),
  },
  { requiredKeys: [] },
);

const beside: Files = { file: 'text', 'run.sh': '#!/bin/sh\n', 'debian.sources': 'Types: deb\n' };
const flatten = (tree: unknown, more: Files = {}) => load({ 'tree.json': JSON.stringify(tree), ...beside, ...more });

test('flattening a flat treefile changes nothing', () =>
  fc.assert(
    fc.asyncProperty(treefile, async (tree) => {
      const once = await flatten(tree);
      const twice = await flatten(once.treefile);
      expect(JSON.stringify(twice.treefile)).toBe(JSON.stringify(once.treefile));
      expect(twice.inputs).toEqual(once.inputs);
    }),
    { numRuns: 150 },
  ));

test('the order of keys does not matter', () =>
  fc.assert(
    fc.asyncProperty(treefile, async (tree) => {
      const turned = Object.fromEntries(Object.entries(tree).reverse());
      expect(JSON.stringify((await flatten(turned)).treefile)).toBe(JSON.stringify((await flatten(tree)).treefile));
    }),
    { numRuns: 100 },
  ));

test('an included treefile counts as if it stood there', () =>
  fc.assert(
    fc.asyncProperty(treefile, async (tree) => {
      const included = await flatten({ include: 'base.json' }, { 'base.json': JSON.stringify(tree) });
      expect(included.treefile).toEqual((await flatten(tree)).treefile);
    }),
    { numRuns: 100 },
  ));
