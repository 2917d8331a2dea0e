import { describe, expect, test } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  parseSignature,
  readValues,
  Variant,
  writeValues,
} from '../src/index.ts';

const again = (signature: string, ...values: unknown[]) => readValues(signature, writeValues(signature, values), true);

describe('values', () => {
  test.each<[string, unknown]>([
    ['y', 255],
    ['b', true],
    ['n', -32768],
    ['q', 65535],
    ['i', -(2 ** 31)],
    ['u', 2 ** 32 - 1],
    ['x', -(2n ** 63n)],
    ['t', 2n ** 64n - 1n],
    ['d', 0.1],
    ['s', 'Grüße 🐮'],
    ['o', '/org/example_1'],
    ['g', 'a{sv}(ii)'],
    ['as', ['a', '', 'c']],
    ['ay', Buffer.from([1, 2, 3])],
    ['(sub)', ['a', 1, false]],
    ['a{sv}', new Map([['k', new Variant('a(tt)', [[1n, 2n]])]])],
    ['aa{sv}', [new Map(), new Map([['x', new Variant('v', new Variant('s', 'y'))]])]],
    ['a{t(yv)}', new Map([[1n, [7, new Variant('as', [])]]])],
  ])('%s is read as it was written', (signature, value) => {
    expect(again(signature, value)).toEqual([value]);
    expect(again(`y${signature}s`, 1, value, 'end')).toEqual([1, value, 'end']);
  });

  test('long ones too', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => [`name-${i}`, i]);
    expect(again('a(su)s', many, 'x'.repeat(100_000))).toEqual([many, 'x'.repeat(100_000)]);
  });

  test('bytes in the other order', () => {
    const bytes = Buffer.from('0000000361626300' + '0000000000000102', 'hex');
    expect(readValues('st', bytes, false)).toEqual(['abc', 258n]);
  });

  test('bytes by the letter of the specification', () => {
    const right = Buffer.from(
      '13000000' + '00000000' + '02000000' + '696400' + '017300' + '0000' + '02000000' + '6d6500',
      'hex',
    );
    expect(readValues('a{sv}', right, true)).toEqual([new Map([['id', new Variant('s', 'me')]])]);
  });
});

describe('what is refused', () => {
  test.each([
    '(',
    ')',
    '()',
    'a',
    'a()',
    'a{s}',
    'a{vs}',
    '{sv}',
    'a{svs}',
    'z',
    '(s',
    'é',
    'a'.repeat(33) + 'y',
    '('.repeat(33) + 'y' + ')'.repeat(33),
    'y'.repeat(256),
  ])('the signature %s', (signature) => {
    expect(() => parseSignature(signature)).toThrow('is no signature');
  });

  test.each<[string, string, string]>([
    ['b', '02000000', 'neither true nor false'],
    ['s', 'ffffffff', 'cut off'],
    ['s', '0100000061', 'cut off'],
    ['s', '010000006162', 'no end'],
    ['s', '0100000000' + '00', 'zero in it'],
    ['s', '01000000ff00', 'not UTF-8'],
    ['o', '0100000061' + '00', 'object path'],
    ['as', 'ffffffff', 'too long'],
    ['as', '08000000', 'cut off'],
    ['au', '0500000001000000' + '01000000', 'within a value'],
    ['yu', '0101010100000000', 'padding'],
    ['v', '0001', 'no end'],
    ['v', '02737300', 'is no signature'],
    ['v', '0361282900' + '000000' + '00ffff00', 'is no signature'],
    ['u', '0000000000', 'longer'],
    ['u', '000000', 'cut off'],
  ])('%s %s', (signature, hex, text) => {
    expect(() => readValues(signature, Buffer.from(hex, 'hex'), true)).toThrow(text);
  });

  test('variants without end in one another', () => {
    const bytes = Buffer.from(`${'017600'.repeat(80)}01790000`, 'hex');
    expect(() => readValues('v', bytes, true)).toThrow('too many values in one another');
  });
});

describe('messages', () => {
  const call: Message = {
    ...{ type: 1, flags: 0, serial: 7, path: '/a', interface: 'a.b', member: 'C', destination: 'd.e' },
    ...{ signature: 'sa{sv}', body: ['x', new Map([['y', new Variant('b', true)]])] },
  };

  test('are read as they were written', () => {
    expect(decodeMessage(encodeMessage(call))).toEqual(call);
  });

  /** One byte changed, at every place and in several ways: an error, or another message, and never anything else. */
  test('changed anywhere are refused, or are others', () => {
    const bytes = encodeMessage(call);
    let refused = 0;
    for (let at = 0; at < bytes.length; at++)
      for (const value of [0, 1, 0x28, 0x61, 0x76, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        try {
          decodeMessage(changed);
        } catch (error) {
          expect(error, `${at}: ${value}`).toMatchObject({ name: 'DbusError' });
          refused++;
        }
      }
    expect(refused).toBeGreaterThan(bytes.length);
  });

  test.each<[string, Partial<Message>]>([
    ['no path', { path: '' }],
    ['a member that is none', { member: 'a.b' }],
    ['an interface that is none', { interface: 'ab' }],
    ['a serial of 0', { serial: 0 }],
  ])('with %s are refused', (_, change) => {
    expect(() => decodeMessage(encodeMessage({ ...call, ...change }))).toThrow();
  });
});
