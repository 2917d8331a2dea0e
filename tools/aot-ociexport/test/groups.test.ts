import { expect, test } from 'vitest';
import { groupSources, updatesOf } from '../src/groups.ts';
import type { InstalledSource } from '../src/installed.ts';

const source = (name: string, installedSize = 100, version = '1-1'): InstalledSource => ({
  name,
  version,
  installedSize,
  binaries: [name],
});
const sources = Array.from({ length: 300 }, (_, i) => source(`package-${i}`, i % 50 === 0 ? 20_000 + i : 100 + i));

const options = { maxLayers: 64, kernels: new Set<string>() };
const places = (among: readonly InstalledSource[], more = {}) => {
  const { of } = groupSources(among, { ...options, ...more });
  return new Map(among.map((s) => [s.name, of(s.name)]));
};

test('every package has a layer, and there are no more than allowed', () => {
  for (const maxLayers of [4, 5, 16, 64, 499]) {
    const { of, order } = groupSources(sources, { ...options, maxLayers });
    expect(order.length).toBeLessThanOrEqual(maxLayers);
    expect(new Set(order).size).toBe(order.length);
    expect(sources.every((s) => order.includes(of(s.name)))).toBe(true);
  }
});

test('big packages are alone, and the rest is spread', () => {
  const where = places(sources);
  const counts = new Map<string, number>();
  for (const group of where.values()) counts.set(group, (counts.get(group) ?? 0) + 1);
  for (const { name, installedSize } of sources) {
    if (installedSize >= 20_000) expect(counts.get(where.get(name) as string)).toBe(1);
  }
  expect(Math.max(...counts.values())).toBeLessThan(sources.length / 10);
});

test('a package stays where it is when others come, go, grow and are updated', () => {
  const before = places(sources);
  const others = sources.filter((_, i) => i % 7 !== 0).map((s) => ({ ...s, version: '2-1+deb13u1' }));
  const after = places([...others, source('new', 50), source('huge', 90_000)]);
  for (const { name } of others) expect(after.get(name)).toBe(before.get(name));
});

test('the order of the packages does not matter', () => {
  expect(places([...sources].reverse())).toEqual(new Map([...places(sources)].reverse()));
});

test('layers of what is updated often come late, the kernel after them, and what always changes last', () => {
  const { of, order } = groupSources(
    [
      source('stable', 9000),
      source('often', 9000, '3-1+deb13u7'),
      source('seldom', 9000, '3-1+deb13u1'),
      source('linux', 9000),
    ],
    { ...options, kernels: new Set(['linux']) },
  );
  expect(order).toEqual([
    ...['stable', 'seldom', 'often', 'linux'].map(of),
    'unpackaged',
    'initramfs',
    'package-database',
  ]);
});

test('an earlier image decides where packages are, and the hash where new ones go', () => {
  const previous = new Map([
    ['a', 'one'],
    ['b', 'two'],
  ]);
  const { of, order } = groupSources([source('a'), source('b', 90_000), source('c')], { ...options, previous });
  expect([of('a'), of('b')]).toEqual(['one', 'two']);
  expect(['one', 'two']).toContain(of('c'));
  expect(order.slice(0, 2).sort()).toEqual(['one', 'two']);
});

test('an earlier image of too many layers is of no use', () => {
  const previous = new Map(sources.map((s) => [s.name, `layer-${s.name}`]));
  expect(groupSources(sources, { ...options, previous }).order.length).toBeLessThanOrEqual(64);
});

test.each([3, 500, Number.NaN, 7.5])('%s layers are refused', (maxLayers) => {
  expect(() => groupSources(sources, { ...options, maxLayers })).toThrow(
    `cannot make an image of '${maxLayers}' layers`,
  );
});

test.each([
  ['6.12.48-1', 0],
  ['3.5.1-1+deb13u2', 2],
  ['1:2.36-9+deb12u14', 14],
  ['2.0~deb12u1', 1],
  ['5.1-1ubuntu0.24.04.3', 3],
  ['1.2-3+deb13u1+b2', 1],
])('version %s was updated %i times', (version, times) => {
  expect(updatesOf(version)).toBe(times);
});

test('components have a layer each besides those of packages, and count', () => {
  const components = new Map([
    ['usr/a', 'one'],
    ['usr/b', 'two'],
    ['usr/c', 'one'],
  ]);
  const { order, component, of } = groupSources(sources, { ...options, maxLayers: 6, components });
  expect(['usr/a', 'usr/b', 'usr/c', 'usr/d'].map(component)).toEqual([
    ...['component-one', 'component-two', 'component-one', undefined],
  ]);
  expect(order).toHaveLength(6);
  expect(sources.every((s) => !of(s.name).startsWith('component-'))).toBe(true);
  expect(() => groupSources(sources, { ...options, maxLayers: 5, components })).toThrow(
    "cannot make an image of '5' layers: 2 components want one each",
  );
});
