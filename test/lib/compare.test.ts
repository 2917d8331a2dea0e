import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import allowed from '../oracle/allowed.json' with { type: 'json' };
import { type Allowance, compare, type Field, judge } from './compare.ts';
import { type Entry, snapshot, withLines } from './snapshot.ts';

const file = (more: Partial<Entry> = {}): Entry => ({ type: 'file', mode: '644', owner: '0:0', content: 'a', ...more });
const tree = (entries: Record<string, Entry>) => new Map(Object.entries(entries));
const may = (path: string, ...fields: Field[]): Allowance => ({ path, may: fields, reason: 'because' });

const differing = (ours: Entry | undefined, theirs: Entry | undefined) =>
  compare(tree(ours ? { '/x': ours } : {}), tree(theirs ? { '/x': theirs } : {}));

test.each([
  ['only here', file(), undefined],
  ['only there', undefined, file()],
  ['type', file({ type: 'link' }), file()],
  ['mode', file({ mode: '666' }), file()],
  ['owner', file({ owner: '0:42' }), file()],
  ['content', file({ content: 'b' }), file()],
  ['xattrs', file({ xattrs: 'user.a=0x00' }), file()],
  ['order', file({ content: 'b', lines: 'same' }), file({ lines: 'same' })],
  ['content', file({ content: 'b', lines: 'one' }), file({ lines: 'other' })],
] as const)('%s is a field of its own, and only its row allows it', (field, ours, theirs) => {
  const differences = differing(ours, theirs);
  expect(differences).toMatchObject([{ path: '/x', fields: [field] }]);
  expect(judge(differences, [may('/x', field)])).toEqual({ unexplained: [], unused: [] });
  for (const other of ['mode', 'content', 'order'] as const)
    if (other !== field)
      expect(judge(differences, [may('/x', other)])).toEqual({ unexplained: differences, unused: [`/x: ${other}`] });
});

test('a row for the order of lines allows neither another mode beside it nor another path', () => {
  const open = differing(file({ content: 'b', lines: 'l', mode: '666' }), file({ lines: 'l' }));
  expect(judge(open, [may('/x', 'order')]).unexplained).toEqual(open);
  expect(judge(open, [may('/x', 'order', 'mode')]).unexplained).toEqual([]);
  expect(judge(open, [may('/y', 'order', 'mode')])).toEqual({ unexplained: open, unused: ['/y: order', '/y: mode'] });
});

test('equal entries are no difference, whatever is allowed', () => {
  expect(differing(file(), file())).toEqual([]);
  expect(judge([], [may('/x', 'content')]).unused).toEqual(['/x: content']);
});

test('tables of accounts with the same lines in another order differ in order alone', async () => {
  const made = async (lines: string[]) => {
    const root = temporary(onTestFinished);
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/shadow'), `${lines.join('\n')}\n`);
    return withLines(root, await snapshot(root), ['/etc/shadow', '/etc/gshadow']);
  };
  const fields = async (one: string[], other: string[]) =>
    compare(await made(one), await made(other)).map(({ path, fields }) => [path, fields]);
  expect(await fields(['a:*:1', 'b:*:1'], ['b:*:1', 'a:*:1'])).toEqual([['/etc/shadow', ['order']]]);
  expect(await fields(['a:*:1', 'b:*:1'], ['b:*:1', 'a::1'])).toEqual([['/etc/shadow', ['content']]]);
});

test('no row of the reviewed list allows another mode, owner, type or attribute', () => {
  const rows = Object.values(allowed).flat() as Allowance[];
  const harmless: Field[] = ['only here', 'only there', 'content', 'order'];
  expect(rows.filter((row) => row.may.length === 0 || !row.may.every((field) => harmless.includes(field)))).toEqual([]);
});
