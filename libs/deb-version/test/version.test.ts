import { run } from '@apt-ostree/run';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, formatVersion, isValidVersion, parseVersion, satisfies, VersionError } from '../src/index.ts';

const TABLE = [
  ['1.0~rc1', '<', '1.0'],
  ['1.0~~', '<', '1.0~'],
  ['1.0~~a', '<', '1.0~'],
  ['1.0', '<', '1.0a'],
  ['1.0a', '<', '1.0+'],
  ['1.0Z', '<', '1.0a'],
  ['1.9', '<', '1.10'],
  ['1.0', '=', '1.00'],
  ['1.0', '=', '1.0-0'],
  ['1.0', '=', '0:1.0'],
  ['9', '<', '1:0'],
  ['1.0-1', '<', '1.0-1+b1'],
  ['1.0-1~bpo12+1', '<', '1.0-1'],
  ['1.0-1', '<', '1.0-1+deb13u1'],
  ['1.0.', '=', '1.0.0'],
  ['20240101000000000000000000000001', '<', '20240101000000000000000000000002'],
  ['1-2-1', '>', '1-1-9'],
] as const;

describe('order', () => {
  test.each(TABLE)('%s %s %s', (a, sign, b) => {
    const wanted = sign === '<' ? -1 : sign === '>' ? 1 : 0;
    expect(Math.sign(compareVersions(a, b))).toBe(wanted);
    expect(Math.sign(compareVersions(b, a))).toBe(0 - wanted);
  });

  test('relations', () => {
    const holding = (a: string, b: string) =>
      (['<<', '<=', '=', '>=', '>>'] as const).filter((relation) => satisfies(a, relation, b));
    expect(holding('1', '2')).toEqual(['<<', '<=']);
    expect(holding('1', '1')).toEqual(['<=', '=', '>=']);
    expect(holding('2', '1')).toEqual(['>=', '>>']);
  });
});

/** Versions with much that is close to each other. */
const part = fc.stringMatching(/^[0-9][019aZ~+.]{0,5}$/);
const version = fc
  .record({
    epoch: fc.constantFrom('', '', '0:', '1:', '12:'),
    upstream: part,
    revision: fc.constantFrom('', '-0', '-1', '-1~', '-1+b1', '-a'),
  })
  .map((v) => v.epoch + v.upstream + v.revision);

describe('properties', () => {
  test('the order is total: antisymmetric and transitive', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
        const [x, y, z] = [a, b, c].sort(compareVersions) as [string, string, string];
        expect(compareVersions(x, y)).toBeLessThanOrEqual(0);
        expect(compareVersions(x, z)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('a tilde after a version comes before it', () => {
    fc.assert(fc.property(part, (v) => compareVersions(`${v}~`, v) < 0));
  });

  test('what is parsed is formatted back, but for an epoch of 0', () => {
    fc.assert(fc.property(version, (v) => formatVersion(parseVersion(v)) === v.replace(/^0:/, '')));
  });
});

describe('against dpkg', () => {
  /** One shell for the whole table; each line has three columns: the versions and what dpkg says. */
  const ask = async (rows: readonly string[], script: string): Promise<string[]> =>
    (await run('sh', ['-c', script], { input: `${rows.join('\n')}\n` })).stdout.trimEnd().split('\n');

  test('compares as dpkg --compare-versions', async () => {
    const pairs = [
      ...TABLE.map(([a, , b]) => [a, b] as const),
      ...fc.sample(fc.tuple(version, version), { numRuns: 200, seed: 13 }),
    ];
    const answers = await ask(
      pairs.map(([a, b]) => `${a} ${b}`),
      'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done',
    );
    const ours = pairs.map(([a, b]) => [a, b, String(Math.sign(compareVersions(a, b)))]);
    expect(ours).toEqual(pairs.map(([a, b], i) => [a, b, answers[i]]));
    expect(new Set(answers).size).toBe(3);
  });

  test('takes as versions what dpkg --validate-version takes', async () => {
    const texts = [
      '1',
      '1-1',
      '1-',
      ':1',
      '1:',
      'a',
      '0:a',
      '1--1',
      '1:1:1',
      '1_1',
      '1-1_1',
      '1-1:1',
      '01:1',
      '1~',
      '~1',
    ]
      .concat(['2147483647:1', '2147483648:1', '1+1:1', '1,1', '1:1-1-1', '1.-1', '1/1', '1-1~', '1é'])
      .concat(fc.sample(fc.stringMatching(/^[01a:~_.+][01a:~_.+-]{0,4}$/), { numRuns: 100, seed: 13 }))
      .filter((text) => !text.startsWith('+')); // strtol lets dpkg take an epoch of '+1'; policy does not
    const answers = await ask(
      texts,
      'while read -r v; do dpkg --validate-version "$v" 2>/dev/null && echo yes || echo no; done',
    );
    expect(texts.map((text) => [text, isValidVersion(text) ? 'yes' : 'no'])).toEqual(
      texts.map((t, i) => [t, answers[i]]),
    );
  });
});

test.each([
  ['', 'its upstream version does not begin with a digit'],
  ['1-', 'its revision is empty'],
  ['x:1', 'its epoch is not a number'],
  ['1\n', 'its upstream version has an invalid character'],
])('%j is refused with a reason', (text, reason) => {
  expect(() => parseVersion(text)).toThrow(new VersionError(`invalid version '${text}': ${reason}`));
});
