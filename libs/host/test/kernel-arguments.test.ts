import { describe, expect, test } from 'vitest';
import { type Edits, editArguments, splitArguments } from '../src/kernel-arguments.ts';

const edit = (line: string, edits: Edits): string => editArguments(splitArguments(line), edits).join(' ');

describe('what is appended', () => {
  test('comes last, also where it is there already', () => {
    expect(edit('rw quiet', { append: ['a=1', 'quiet'] })).toBe('rw quiet a=1 quiet');
  });
  test('if missing: another value of the key does not count', () => {
    expect(edit('rw a=1', { appendIfMissing: ['a=1', 'a=2', 'rw'] })).toBe('rw a=1 a=2');
  });
  test('twice in one call is there once', () => {
    expect(edit('rw', { append: ['a=1'], appendIfMissing: ['a=1'] })).toBe('rw a=1');
  });
});

describe('what is deleted', () => {
  test('a key with one value needs no value', () => {
    expect(edit('rw a=1 b', { delete: ['a', 'b'] })).toBe('rw');
  });
  test('one of several values', () => {
    expect(edit('a=1 a=2 a=3', { delete: ['a=2'] })).toBe('a=1 a=3');
  });
  test('equal arguments go one by one', () => {
    expect(edit('a=1 a=1', { delete: ['a=1'] })).toBe('a=1');
  });
  test('several values: which one must be said, and the hint names them', () => {
    const refusal = { message: "multiple values for key 'a' found", hint: "give the value too: 'a=1' or 'a=2'" };
    expect(() => edit('a=1 a=2', { delete: ['a'] })).toThrow(expect.objectContaining(refusal));
    expect(edit('quiet rw quiet', { delete: ['quiet'] })).toBe('rw quiet');
  });
  test.each(['b', 'a=2', 'a=', 'aa'])('%s is not there', (argument) => {
    expect(() => edit('a=1', { delete: [argument] })).toThrow(`'${argument}' found`);
  });
  test('if present', () => {
    expect(edit('rw a=1 b=2', { deleteIfPresent: ['rw', 'c', 'b=3', 'a=1'] })).toBe('b=2');
  });
});

describe('what is replaced', () => {
  test('stays in its place', () => {
    expect(edit('a=1 b=2 c', { replace: ['b=3'] })).toBe('a=1 b=3 c');
  });
  test('one of several values, by the old one', () => {
    expect(edit('a=1 a=2', { replace: ['a=1=x=y'] })).toBe('a=x=y a=2');
  });
  test('several values: which one must be said', () => {
    expect(() => edit('a=1 a=2', { replace: ['a=3'] })).toThrow("multiple values for key 'a' found");
  });
  test('what is not there cannot be', () => {
    expect(() => edit('a=1', { replace: ['b=3'] })).toThrow("no key 'b' found");
    expect(() => edit('a=1', { replace: ['a=2=3'] })).toThrow("'a=2' found");
  });
  test('a value may have an equals sign', () => {
    expect(edit('root=LABEL=root rw', { replace: ['root=UUID=1'] })).toBe('root=UUID=1 rw');
    expect(edit('root=LABEL=root rw', { replace: ['root=LABEL=root=UUID=1'] })).toBe('root=UUID=1 rw');
  });
  test.each(['a', '=1', ''])("'%s' is no replacement", (argument) => {
    expect(() => edit('a=1', { replace: [argument] })).toThrow('cannot');
  });
});

test.each(['ostree=x', 'a b', 'a="b', 'a\nb', '=a'])('%j cannot be an argument', (argument) => {
  expect(() => edit('rw', { append: [argument] })).toThrow('cannot use the kernel argument');
});

test('several edits in one call: deletions come first', () => {
  expect(edit('a=1 b=2', { append: ['a=3'], delete: ['a'], replace: ['b=4'] })).toBe('b=4 a=3');
});

test('a quoted part holds together', () => {
  expect(splitArguments(' rw  a="x y"  "b=c d" e=\n')).toEqual(['rw', 'a="x y"', '"b=c d"', 'e=']);
});
