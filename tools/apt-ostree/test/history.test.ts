import { describe, expect, test } from 'vitest';
import { entriesOf } from '../src/host/history/entries.ts';
import { type Mark, parseMarks } from '../src/host/history/journal.ts';

const path = (name: string) => `/ostree/deploy/debian/deploy/${name.repeat(64)}.0`;
const boot = (name: string, time: number): Mark => ({ kind: 'boot', time, path: path(name), ...NOTHING });
const made = (name: string, time: number, commandLine = 'x'): Mark => ({
  ...{ kind: 'deployment', time, path: path(name), commandLine, version: '1' },
});
const NOTHING = { commandLine: undefined, version: undefined };

const short = (marks: Mark[]) =>
  entriesOf(marks).map((e) => [e.path.at(-3), e.made?.time, e.boots, e.firstBoot, e.lastBoot]);

describe('entries', () => {
  test('boots in a row are one, the last deployment comes first', () => {
    const marks = [made('a', 1), boot('a', 2), boot('a', 3), made('b', 4), boot('b', 5), boot('a', 6)];
    expect(short(marks)).toEqual([
      ['a', 1, 1, 6, 6],
      ['b', 4, 1, 5, 5],
      ['a', 1, 2, 2, 3],
    ]);
  });
  test('a deployment made again in the same place is another one', () => {
    expect(short([made('a', 1), boot('a', 2), made('a', 3), boot('a', 4)])).toEqual([
      ['a', 3, 1, 4, 4],
      ['a', 1, 1, 2, 2],
    ]);
  });
  test('what was made and not booted is no entry; what the journal does not know has no beginning', () => {
    expect(short([boot('a', 2), made('b', 3), boot('a', 4)])).toEqual([['a', undefined, 2, 2, 4]]);
    expect(short([])).toEqual([]);
  });
});

test('lines of journalctl; what lacks a path is left out', () => {
  const fields = {
    __REALTIME_TIMESTAMP: '1767254400123456',
    MESSAGE_ID: '789a1eba0b1b4f03b760d628f13c7ae9',
    COMMAND_LINE: 'apt-ostree upgrade',
    OSTREE_VERSION: '1.2',
  };
  const lines = [
    { ...fields, DEPLOYMENT_PATH: path('a') },
    fields,
    { ...fields, DEPLOYMENT_PATH: [1, 2] },
    { ...fields, DEPLOYMENT_PATH: path('a'), MESSAGE_ID: '7170336a73ba4601bad31af888aa0df7' },
  ];
  expect(parseMarks(`${lines.map((l) => JSON.stringify(l)).join('\n')}\n`)).toEqual([
    { kind: 'deployment', time: 1767254400, path: path('a'), commandLine: 'apt-ostree upgrade', version: '1.2' },
    expect.objectContaining({ kind: 'boot', time: 1767254400 }),
  ]);
});
