import { expect, test } from 'vitest';
import { splitWords } from '../src/index.ts';

test.each([
  ['./my-fetch --fast', ['./my-fetch', '--fast']],
  [`jq -c '.packages |= map(select(.name != "nano"))'`, ['jq', '-c', '.packages |= map(select(.name != "nano"))']],
  [`a\\ b "c d" '' e"f"g`, ['a b', 'c d', '', 'efg']],
  [`"a\\"b" "a\\nb" 'a\\b'`, ['a"b', 'a\\nb', 'a\\b']],
  ['  x\t$HOME;y|z ', ['x', '$HOME;y|z']],
])('%s', (line, words) => expect(splitWords(line)).toEqual(words));

test.each(["a 'b", 'a "b', '', '   '])('%j is no command', (line) => {
  expect(() => splitWords(line)).toThrow(expect.objectContaining({ exit: 64 }));
});
