import { expect, test } from 'vitest';
import { checkArgument, type Edits, editArguments } from '../src/kernel-arguments.ts';

const HAD = ['root=LABEL=root', 'rw', 'console=tty0', 'console=ttyS0', 'quiet'];
const without = (gone: string): string[] => HAD.filter((a) => a !== gone);
const changed = (old: string, now: string): string[] => HAD.map((a) => (a === old ? now : a));

const DONE: [string, Edits, string[]][] = [
  ['append adds at the end, also what is there', { append: ['quiet', 'a=b'] }, [...HAD, 'quiet', 'a=b']],
  ['append-if-missing looks at key and value', { appendIfMissing: ['quiet', 'rw=1'] }, [...HAD, 'rw=1']],
  ['append-if-missing adds once what is given twice', { appendIfMissing: ['x', 'x'] }, [...HAD, 'x']],
  ['delete of a key', { delete: ['quiet'] }, without('quiet')],
  ['delete of one of several values', { delete: ['console=tty0'] }, without('console=tty0')],
  ['delete of a value with an equals sign', { delete: ['root=LABEL=root'] }, without('root=LABEL=root')],
  ['delete-if-present of what is there and what is not', { deleteIfPresent: ['rw', 'nothing'] }, without('rw')],
  ['delete-if-present of another value', { deleteIfPresent: ['console=hvc0'] }, HAD],
  ['replace of an only value', { replace: ['rw=1'] }, changed('rw', 'rw=1')],
  ['replace keeps the place', { replace: ['console=tty0=tty1'] }, changed('console=tty0', 'console=tty1')],
  ['replace by nothing', { replace: ['console=tty0='] }, changed('console=tty0', 'console=')],
  ['replace of a value with an equals sign', { replace: ['root=UUID=1'] }, changed('root=LABEL=root', 'root=UUID=1')],
  ['replace naming that', { replace: ['root=LABEL=root=UUID=1'] }, changed('root=LABEL=root', 'root=UUID=1')],
  [
    'deletions come first, additions last',
    { append: ['console=a'], delete: ['console=tty0', 'console=ttyS0'] },
    ['root=LABEL=root', 'rw', 'quiet', 'console=a'],
  ],
  ['no edit', {}, HAD],
];

test.each(DONE)('%s', (_, edits, wanted) => {
  expect(editArguments(HAD, edits)).toEqual(wanted);
});

test('of equal arguments the first is meant', () => {
  expect(editArguments(['quiet', 'rw', 'quiet'], { delete: ['quiet'] })).toEqual(['rw', 'quiet']);
});

const REFUSED: [string, Edits, string][] = [
  ['delete of a key that is not there', { delete: ['splash'] }, "no key 'splash' found"],
  ['delete of a value that is not there', { delete: ['console=hvc0'] }, "no kernel argument 'console=hvc0' found"],
  ['delete of a key with several values', { delete: ['console'] }, "multiple values for key 'console' found"],
  ['delete of the same twice', { delete: ['quiet', 'quiet'] }, "no key 'quiet' found"],
  ['replace of a key that is not there', { replace: ['splash=1'] }, "no key 'splash' found"],
  ['replace of a key with several values', { replace: ['console=hvc0'] }, "multiple values for key 'console' found"],
  ['replace of a value that is not there', { replace: ['console=a=b'] }, "no kernel argument 'console=a' found"],
  ['replace without a value', { replace: ['quiet'] }, "cannot replace 'quiet': no value is given"],
];

test.each(REFUSED)('%s is refused', (_, edits, message) => {
  const before = [...HAD];
  expect(() => editArguments(HAD, edits)).toThrow(message);
  expect(HAD).toEqual(before);
});

test('the refusal of several values names them', () => {
  expect(() => editArguments(HAD, { delete: ['console'] })).toThrow(
    expect.objectContaining({ hint: "give the value too: 'console=tty0' or 'console=ttyS0'" }),
  );
});

test.each([
  ['', 'it has no key'],
  ['=value', 'it has no key'],
  ['a b', 'it has a space outside of quotation marks'],
  ['a="b', 'a quotation mark is not closed'],
  ['a\nb', 'it has more than one line'],
  ['ostree=/ostree/boot.0/debian/x/0', 'it names the deployment to boot'],
  ['ostree', 'it names the deployment to boot'],
])('%j is no kernel argument', (text, why) => {
  const wanted = expect.objectContaining({ exit: 64, message: expect.stringContaining(why) });
  expect(() => checkArgument(text)).toThrow(wanted);
});

test.each(['quiet', 'a=', 'a="b c"', 'dyndbg="file x +p"', 'ostree.x=1', 'a=b=c'])('%j is one', (text) => {
  expect(() => checkArgument(text)).not.toThrow();
});
