import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchiveOptions, signingKey } from '@apt-ostree/testkit';
import { describe, expect, test } from 'vitest';
import { Workshop } from '../workshop.ts';

const packages = [
  { name: 'base', control: { Essential: 'yes' } },
  { name: 'hello', control: { Depends: 'libhello (>= 1)' } },
  { name: 'libhello' },
  { name: 'broken', control: { Depends: 'nowhere, hello (>= 9)' } },
  { name: 'left', control: { Conflicts: 'right', Provides: 'agent' } },
  { name: 'right', control: { Provides: 'agent (= 2)' } },
  ...['one', 'two'].map((name) => ({ name, control: { Provides: 'agency' } })),
];

describe('requests that cannot be met', () => {
  const cases: [what: string, keys: Record<string, unknown>, ...said: string[]][] = [
    [
      'names that are nowhere',
      { packages: ['helo', 'zzzz', 'hello'] },
      "'helo'",
      "'zzzz'",
      "'hello' instead of 'helo'",
    ],
    ['versions', { packages: ['hello=3', "'libhello >= 9'"] }, "'hello=3'", "'libhello>=9'", '1.0-1'],
    ['suites', { packages: ['hello/nosuch'] }, "'hello/nosuch'"],
    ['unmet dependencies', { packages: ['broken'] }, 'nowhere', 'hello (>= 9)'],
    ['virtual packages that leave a choice', { packages: ['agent'] }, "'agent' (left, right)"],
    ['conflicts', { packages: ['left', 'right'] }, "'left' conflicts with right"],
    [
      'names, versions, choices, conflicts and dependencies, in one error,',
      { packages: ['helo', 'zzzz', 'hello=3', 'agency', 'left', 'right', 'broken'] },
      ...["'helo', 'zzzz'", "'hello' instead of 'helo'", "'hello=3': there is 1.0-1", "'agency' (one, two)"],
      ...["'left' conflicts with right", "'broken' depends on nowhere", "'broken' depends on hello (>= 9)"],
    ],
    [
      'excluded dependencies',
      { packages: ['hello'], 'exclude-packages': ['libhello'] },
      "'hello'",
      "excludes 'libhello'",
    ],
    ['excluded Essential packages', { packages: ['hello'], 'exclude-packages': ['base'] }, "cannot exclude 'base'"],
  ];
  test.each(cases)('%s are all named', async (_what, keys, ...said) => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages });
    const { code, stdout, stderr } = await shop.run({ repos: ['vendor'], ...keys });
    expect([code, stdout]).toEqual([1, '']);
    for (const text of said) expect(stderr).toContain(text);
  });
});

describe('archives that cannot be used', () => {
  // Machines may switch the check of dates off; the sources here switch it on.
  const checked = 'Check-Date: yes\nCheck-Valid-Until: yes\n';
  const past = { date: new Date('2020-01-01'), validUntil: new Date('2020-02-01') };
  const cases: [
    what: string,
    code: number,
    said: string,
    options: () => Promise<Partial<ArchiveOptions>>,
    uri?: string,
  ][] = [
    ['unsigned', 65, 'not signed', async () => ({ signers: [], signedBy: [await signingKey()] })],
    ['signed by another', 65, 'not by a key', async () => ({ signedBy: [await signingKey('other')] })],
    ['expired', 65, 'out of date', async () => past],
    ['not valid yet', 65, 'out of date', async () => ({ date: new Date(Date.now() + 864e6) })],
    ['cut short', 65, 'cut short', async () => ({ fault: 'truncated-index' })],
    ['with another index', 65, 'not what its Release file says', async () => ({ fault: 'wrong-index-hash' })],
    ['refusing connections', 69, 'cannot be reached', async () => ({}), 'http://127.0.0.1:1/'],
    ['not there', 69, 'cannot be reached', async () => ({}), 'file:/nonexistent'],
  ];
  test.each(cases)('%s: named, and nothing is written', async (_what, code, said, options, uri) => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages, ...(await options()) }, checked, uri);
    const result = await shop.run({ repos: ['vendor'], packages: ['hello'] });
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toContain("cannot use the index of 'vendor testkit'");
    expect(result.stderr).toContain(said);
  });

  test('one of several signatures by a known key is enough', async () => {
    const shop = new Workshop();
    const [old, current] = [await signingKey('old'), await signingKey('current')];
    await shop.archive('vendor', { packages, signers: [old, current], signedBy: [current] });
    expect((await shop.run({ repos: ['vendor'], packages: ['hello'] })).code).toBe(0);
  });

  test('an index that went bad leaves the last good answer for work without the network', async () => {
    const shop = new Workshop();
    const treefile = { repos: ['vendor'], packages: ['hello'] };
    await shop.archive('vendor', { packages });
    const good = await shop.run(treefile);
    await shop.archive('vendor', { packages: [...packages, { name: 'new' }], fault: 'truncated-index' });
    expect((await shop.run(treefile)).code).toBe(65);
    expect((await shop.run(treefile, '--cache-only')).stdout).toBe(good.stdout);
  });

  test('a kept solution that was cut is made again', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages });
    const good = await shop.run({ repos: ['vendor'], packages: ['hello'] });
    const solutions = join(shop.cachedir, 'solutions');
    for (const name of readdirSync(solutions)) truncateSync(join(solutions, name), 900);
    const again = await shop.run({ repos: ['vendor'], packages: ['hello'] }, '--cache-only');
    expect(again.stdout).toBe(good.stdout);
  });

  test('names of files that would leave the archive are refused', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages: [{ name: 'evil', index: { Filename: '../../etc/evil_1.0-1_all.deb' } }] });
    const result = await shop.run({ repos: ['vendor'], packages: ['evil'] });
    expect([result.code, result.stdout]).toEqual([65, '']);
    expect(result.stderr).toContain("'evil'");
  });
});
