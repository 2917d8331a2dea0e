import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AotError, EXIT, explain, isAotError, pack, unpack } from '../src/index.ts';

describe('AotError', () => {
  test('the code is the name of the exit in kebab-case unless said', () => {
    expect(new AotError('noInput', 'x')).toMatchObject({ exit: 66, code: 'no-input', hint: undefined });
    expect(new AotError('data', 'x', { code: 'cut-manifest', hint: 'h' })).toMatchObject({
      code: 'cut-manifest',
      hint: 'h',
    });
  });

  test('77 is nobody else than unchanged', () => {
    expect(Object.entries(EXIT).filter(([, code]) => code === 77)).toEqual([['unchanged', 77]]);
    expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
  });
});

test('an error crosses threads and processes whole', () => {
  const error = new AotError('noInput', 'x', { code: 'c', hint: 'h', stage: 's' });
  const { message, exit, code, hint, stage } = error;
  expect(unpack(structuredClone(pack(error)))).toMatchObject({ message, exit, code, hint, stage });
});

describe('explain', () => {
  test('a system call that failed', () => {
    let caught: unknown;
    try {
      readFileSync('/nowhere/at/all');
    } catch (error) {
      caught = explain(error, "cannot read '/nowhere/at/all'");
    }
    expect(isAotError(caught)).toBe(true);
    expect(caught).toMatchObject({ exit: 66, message: "cannot read '/nowhere/at/all': no such file or directory" });
  });

  test('one without a text of its own', () => {
    const error = Object.assign(new Error('x'), { code: 'ELOOP', errno: -40, syscall: 'open' });
    expect(explain(error, "cannot open 'a'")).toMatchObject({
      exit: 74,
      message: "cannot open 'a': too many symbolic links encountered",
    });
  });

  test('everything else is handed through', () => {
    for (const value of [new TypeError('bug'), new AotError('data', 'known'), 'text', undefined])
      expect(explain(value, 'cannot')).toBe(value);
  });
});
