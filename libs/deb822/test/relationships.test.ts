import { describe, expect, test } from 'vitest';
import { Deb822Error, formatRelationships, parseRelationships } from '../src/index.ts';

describe('relationship fields', () => {
  test('a real one', () => {
    expect(parseRelationships('libc6 (>= 2.36), libssl3 | libssl3t64 (>>3.0), python3:any,')).toEqual([
      [{ name: 'libc6', version: { relation: '>=', version: '2.36' } }],
      [{ name: 'libssl3' }, { name: 'libssl3t64', version: { relation: '>>', version: '3.0' } }],
      [{ name: 'python3', qualifier: 'any' }],
    ]);
  });

  test('architectures and build profiles', () => {
    expect(parseRelationships('gcc (<< 15) [!i386 !amd64] <!nocheck> <cross !stage1>')).toEqual([
      [
        {
          name: 'gcc',
          version: { relation: '<<', version: '15' },
          architectures: ['!i386', '!amd64'],
          profiles: [['!nocheck'], ['cross', '!stage1']],
        },
      ],
    ]);
  });

  test.each([
    ['', []],
    ['\n a,\n b', [[{ name: 'a' }], [{ name: 'b' }]]],
    ['a (< 1)', [[{ name: 'a', version: { relation: '<=', version: '1' } }]]],
    ['a (> 1)', [[{ name: 'a', version: { relation: '>=', version: '1' } }]]],
  ])('%j', (field, wanted) => {
    expect(parseRelationships(field)).toEqual(wanted);
  });

  test.each(['a b', 'a (1)', 'a (>= )', 'a (>= 1', 'a | | b', '!a', 'a (== 1)', 'a:', 'a []'])(
    '%j is refused',
    (field) => {
      expect(() => parseRelationships(field)).toThrow(Deb822Error);
    },
  );

  test.each(['a', 'a:any (= 1) | b [amd64], c <!nodoc> <x y>'])('%j is written as it was', (field) => {
    expect(formatRelationships(parseRelationships(field))).toBe(field);
  });
});
