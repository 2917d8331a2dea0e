import { expect, test } from 'vitest';
import { mergeChanges, noChanges } from '../src/changes.ts';

const of = (some: Partial<ReturnType<typeof noChanges>>) => ({ ...noChanges(), ...some });

test.each([
  ['made, then changed, is made', { created: ['/a'] }, { changed: ['/a'] }, { created: ['/a'] }],
  ['made, then removed, never was', { created: ['/a'] }, { removed: ['/a'] }, {}],
  ['changed, then removed, is removed', { changed: ['/a'] }, { removed: ['/a'] }, { removed: ['/a'] }],
  ['removed, then made, is changed', { removed: ['/a'] }, { created: ['/a'] }, { changed: ['/a'] }],
  ['lists are sorted', { created: ['/b'] }, { created: ['/a'] }, { created: ['/a', '/b'] }],
])('%s', (_name, first, second, both) => expect(mergeChanges(of(first), of(second))).toEqual(of(both)));
