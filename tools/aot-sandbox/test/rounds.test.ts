import type { PlanStep, RootfsManifest } from '@apt-ostree/manifest';
import { expect, test } from 'vitest';
import { rounds } from '../src/dpkg/rounds.ts';

const step = (text: string): PlanStep => {
  const [action, ...packages] = text.split(' ');
  return { action: action as PlanStep['action'], packages: packages.map((name) => `${name}:all`) };
};

/** @param left packages that dpkg has to unpack, and after a `<` their Pre-Depends */
function roundsOf(plan: readonly string[], left: readonly string[], more: Partial<RootfsManifest> = {}) {
  const unpacked = left.map((text) => {
    const [id, preDepends = ''] = text.split(' < ') as [string, string?];
    return { package: `${id}:all`, commit: '', leftOver: true, file: `${id}.deb`, preDepends };
  });
  const manifest = { essential: [], plan: plan.map(step), unpacked, ...more };
  return rounds(manifest as unknown as RootfsManifest, '/cache').map(({ unpack, essential, rest }) => [
    unpack.map(({ source }) => source.replace(/^\/cache\/(.*)\.deb$/, '$1')).join(' '),
    [...essential, '|', ...rest].join(' ').replaceAll(':all', ''),
  ]);
}

const PLAN = ['unpack a', 'configure a', 'unpack b', 'unpack c', 'configure b', 'configure c', 'configure b'];
const CHAIN = [
  'unpack a',
  'configure a',
  'unpack b',
  'configure b',
  'unpack c',
  'configure c',
  'unpack d',
  'configure d',
];
const base = { commit: '0', timestamp: 0, inactive: [] } as RootfsManifest['base'];

test('a compose has the Essential packages first', () => {
  const essential = ['c:all', 'b:all'];
  expect(roundsOf(PLAN, ['a', 'c', 'b'], { essential })).toEqual([
    ['b c', 'c b |'],
    ['a', '| a'],
  ]);
  expect(roundsOf(PLAN, ['a < b'], { essential })).toEqual([
    ['', 'c b |'],
    ['a', '| a'],
  ]);
});

test('what a package left to dpkg has in Pre-Depends is configured before it is unpacked', () => {
  const after = [
    ['', '| a'],
    ['b c', '| b c'],
  ];
  for (const preDepends of ['a', 'x, a (>= 1)', 'virtual', 'of-the-base | a:any'])
    expect(roundsOf(PLAN, [`b < ${preDepends}`, 'c'], { base })).toEqual(after);
  expect(roundsOf(PLAN, ['a < x', 'c < a'], { base, essential: ['a:all'] })).toEqual([
    ['a', 'a |'],
    ['c', '| b c'],
  ]);
  expect(roundsOf(CHAIN, ['b < a', 'c < a', 'd < b | x'], { base })).toEqual([
    ['', '| a'],
    ['b c', '| b c'],
    ['d', '| d'],
  ]);
});

test('there is one round where nothing asks for more, or nothing is configured before', () => {
  expect(roundsOf(PLAN, [], { base })).toEqual([['', '| a b c']]);
  expect(roundsOf(PLAN, ['b', 'c'], { base })).toEqual([['b c', '| a b c']]);
  expect(roundsOf(PLAN, ['a < x'], { base })).toEqual([['a', '| a b c']]);
  expect(roundsOf(['unpack a', 'unpack b', 'configure b', 'configure a'], ['a', 'b < a'], { base })).toEqual([
    ['a b', '| b a'],
  ]);
  expect(roundsOf([], [], { base })).toEqual([['', '|']]);
});

test('where the Pre-Depends are not told, they may be all that comes before', () => {
  const unpacked = [{ package: 'b:all', commit: '', leftOver: true, file: 'b.deb' }];
  expect(roundsOf(PLAN, [], { base, unpacked })).toEqual([
    ['', '| a'],
    ['b', '| b c'],
  ]);
});

test('a Pre-Depends that is none is named with its package', () => {
  expect(() => roundsOf(PLAN, ['b < (('], { base })).toThrow(/cannot unpack 'b:all': '\(\(' is no relationship/);
});
