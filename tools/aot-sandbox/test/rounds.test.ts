import type { PlanStep, RootfsManifest } from '@apt-ostree/manifest';
import { expect, test } from 'vitest';
import { rounds } from '../src/dpkg/rounds.ts';

const step = (text: string): PlanStep => {
  const [action, ...packages] = text.split(' ');
  return { action: action as PlanStep['action'], packages };
};

/** @param left packages that dpkg has to unpack */
function roundsOf(plan: readonly string[], left: readonly string[], more: Partial<RootfsManifest> = {}) {
  const unpacked = left.map((id) => ({ package: id, commit: '', leftOver: true, file: `${id}.deb` }));
  const manifest = { essential: [], plan: plan.map(step), unpacked, ...more };
  return rounds(manifest as unknown as RootfsManifest, '/cache').map(({ unpack, essential, rest }) => [
    unpack.map(({ source }) => source.replace(/^\/cache\/(.*)\.deb$/, '$1')).join(' '),
    [...essential, '|', ...rest].join(' ').trim(),
  ]);
}

const PLAN = ['unpack a', 'configure a', 'unpack b', 'unpack c', 'configure b', 'configure c', 'configure b'];
const base = { commit: '0', timestamp: 0, inactive: [] } as RootfsManifest['base'];

test('a compose unpacks all, then configures all, Essential packages first', () => {
  expect(roundsOf(PLAN, ['a', 'b'], { essential: ['c', 'b'] })).toEqual([['a b', 'c b | a']]);
});

test('on a base, what apt configures before it unpacks a package left to dpkg comes before', () => {
  expect(roundsOf(PLAN, ['b', 'c'], { base })).toEqual([
    ['', '| a'],
    ['b c', '| b c'],
  ]);
  expect(roundsOf(PLAN, ['a', 'c'], { base, essential: ['a'] })).toEqual([
    ['a', 'a |'],
    ['c', '| b c'],
  ]);
});

test('there is one round where nothing is left to dpkg, or nothing is configured before', () => {
  expect(roundsOf(PLAN, [], { base })).toEqual([['', '| a b c']]);
  expect(roundsOf(PLAN, ['a'], { base })).toEqual([['a', '| a b c']]);
  expect(roundsOf(['unpack a', 'unpack b', 'configure b', 'configure a'], ['a', 'b'], { base })).toEqual([
    ['a b', '| b a'],
  ]);
  expect(roundsOf([], [], { base })).toEqual([['', '|']]);
});
