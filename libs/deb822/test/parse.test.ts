import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Deb822Error,
  formatStanzas,
  lines,
  multiline,
  parseStanza,
  parseStanzas,
  Stanza,
  text,
  words,
} from '../src/index.ts';

const parse = (source: string | Uint8Array, comments = false) =>
  [...parseStanzas(source, { comments })].map((stanza) => [...stanza]);

function failure(source: string, comments = false): [string, number | undefined] | undefined {
  try {
    parse(source, comments);
  } catch (error) {
    if (error instanceof Deb822Error) return [error.message, error.line];
    throw error;
  }
}

describe('reading', () => {
  test('fields keep order and case, and are found without regard to it', () => {
    const stanza = parseStanza('Package: bash\nVERSION:5.2\t\nEmpty:\n');
    expect([...stanza]).toEqual([
      ['Package', 'bash'],
      ['VERSION', '5.2'],
      ['Empty', ''],
    ]);
    expect(stanza.get('version')).toBe('5.2');
    expect(stanza.has('package')).toBe(true);
    expect(stanza.get('none')).toBeUndefined();
  });

  test('continuation lines', () => {
    const [stanza] = parseStanzas('Description: one\n two\n .\n   three \nConffiles:\n /etc/a 00\n');
    expect(stanza!.get('Description')).toBe('one\n two\n .\n   three');
    expect(lines(stanza!.get('Description')!)).toEqual(['one', 'two', '', '  three']);
    expect(lines(stanza!.get('Conffiles')!)).toEqual(['', '/etc/a 00']);
  });

  test.each([
    ['nothing', '', []],
    ['only empty lines', '\n \n\t\n', []],
    ['several empty lines between', '\n\na: 1\n\n  \n\nb: 2\n\n', [[['a', '1']], [['b', '2']]]],
    [
      'no newline at the end',
      'a: 1\nb: 2',
      [
        [
          ['a', '1'],
          ['b', '2'],
        ],
      ],
    ],
    ['carriage returns', 'a: 1\r\n\r\nb: 2\r\n', [[['a', '1']], [['b', '2']]]],
    ['colons in a value', 'a: b: c\n', [[['a', 'b: c']]]],
  ])('%s', (_, source, wanted) => {
    expect(parse(source)).toEqual(wanted);
  });

  test('bytes are UTF-8', () => {
    expect(parse(Buffer.from('Maintainer: Jürgen\n'))).toEqual([[['Maintainer', 'Jürgen']]]);
  });

  test('comments, also within a field, where they are allowed', () => {
    const source = '# head\nTypes: deb\n# between\nURIs: http://example.org/#a\nSigned-By:\n a\n# within\n b\n#end\n';
    expect(parse(source, true)).toEqual([
      [
        ['Types', 'deb'],
        ['URIs', 'http://example.org/#a'],
        ['Signed-By', '\n a\n b'],
      ],
    ]);
    expect(failure(source)).toEqual(['line 1: this is neither a field nor a continuation', 1]);
  });

  test('a stanza knows its line', () => {
    expect([...parseStanzas('\na: 1\nb:\n 2\n\n\nc: 3\n')].map((stanza) => stanza.line)).toEqual([2, 7]);
  });
});

describe('what is not in the format', () => {
  test.each([
    ['a: 1\nno field\n', 'line 2: this is neither a field nor a continuation'],
    ['a: 1\n: 2\n', 'line 2: this is neither a field nor a continuation'],
    ['-a: 1\n', 'line 1: this is neither a field nor a continuation'],
    ['a b: 1\n', 'line 1: this is neither a field nor a continuation'],
    ['ä: 1\n', 'line 1: this is neither a field nor a continuation'],
    ['a: 1\n\n continued\n', 'line 3: a continuation without a field before it'],
    ['a: 1\nb: 2\nA: 3\n', "line 3: field 'A' is there twice"],
    ['a: 1\nb: x\0y\n', "line 2: field 'b' contains a null byte"],
  ])('%j', (source, message) => {
    expect(failure(source)?.[0]).toBe(message);
  });

  test('one stanza is neither none nor two', () => {
    expect(() => parseStanza('\n')).toThrow('there is no stanza');
    expect(() => parseStanza('a: 1\n\nb: 2\n')).toThrow('line 3: there is more than one stanza');
  });
});

describe('writing', () => {
  test('round trip', () => {
    const source = 'Package: a\nDescription: one\n two\n .\n\nPackage: b\nSigned-By:\n key\n';
    expect(formatStanzas(parseStanzas(source))).toBe(source);
  });

  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/);
  const value = fc
    .array(fc.stringMatching(/^[a-z:#.][ -~]{0,8}[a-z]$/), { maxLength: 3 })
    .map((all) => all.join('\n '));

  test('what is set is read back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { minLength: 1 }), (fields) => {
        const stanza = new Stanza(fields);
        expect([...parseStanza(stanza.toString())]).toEqual([...stanza]);
      }),
    );
  });

  test('a field that is set again keeps its place and spelling', () => {
    const stanza = new Stanza({ Package: 'a', Version: '1' }).set('PACKAGE', 'b');
    expect(stanza.toString()).toBe('Package: b\nVersion: 1\n');
    expect(stanza.delete('version')).toBe(true);
    expect(stanza.names()).toEqual(['Package']);
  });

  test.each([
    ['', 'x'],
    ['#a', 'x'],
    ['-a', 'x'],
    ['a b', 'x'],
    ['a:', 'x'],
    ['a', 'x\ny: 1'],
    ['a', 'x\n\n y'],
    ['a', 'x\n'],
    ['a', ' x'],
    ['a', 'x\n \n y'],
  ])('field %j with value %j would not be read back', (field, content) => {
    expect(() => new Stanza([[field, content]])).toThrow(Deb822Error);
  });

  test('texts of several lines become values and texts again', () => {
    const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxsBN\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n';
    const stanza = parseStanza(new Stanza({ 'Signed-By': multiline(key) }).toString());
    expect(`${text(stanza.get('signed-by')!)}\n`).toBe(key);
    expect(words(' a\tb\n c ')).toEqual(['a', 'b', 'c']);
  });
});
