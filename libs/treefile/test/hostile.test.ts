import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadTreefile } from '../src/index.ts';
import { type Files, failure, flat, withFiles } from './fixture.ts';

/** Nine lists, each ten times the one before. */
const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`)}]\n`).join('')}`;

const cases: [string, Files | string, string][] = [
  ['aliases that multiply', bomb, 'it has too many aliases'],
  ['an alias within what it stands for', 'metadata: &a {b: *a}', 'it contains itself through an alias'],
  ['infinity', 'metadata: {b: [.inf]}', "'0' is no finite number"],
  ['deep nesting', `metadata: ${'['.repeat(100_000)}`, ''],
  ['deep nesting in JSON', { 'tree.json': `{"metadata": ${'['.repeat(50_000)}${']'.repeat(50_000)}}` }, ''],
  ['a huge file', `ref: ${'a'.repeat(1024 * 1024)}`, 'it is larger than 1 MiB'],
  ['a key twice', 'ref: a\nref: b', 'map keys must be unique'],
  ['a key twice in JSON', { 'tree.json': '{"ref": "a", "ref": "b"}' }, 'map keys must be unique'],
  ['YAML as JSON', { 'tree.json': 'ref: a' }, 'it is no valid JSON'],
  ['trailing comma in JSON', { 'tree.json': '{"ref": "a",}' }, 'it is no valid JSON'],
  ['several documents', 'ref: a\n---\nref: b', 'source contains multiple documents'],
  ['a list', '- a', 'it must be a map of keys to values'],
  ['nothing', '', 'it must be a map of keys to values'],
  ['a tag that makes objects', 'metadata: !!js/function "x"', 'unresolved tag'],
  ['an object as a key', '? {a: b}\n: c', ''],
  ['a syntax error', 'ref: "a', 'missing closing'],
];

test.each(cases)('%s is an error', async (_, files, why) => {
  const [exit, message] = await failure(files);
  expect(exit).toBe(78);
  expect(message).toMatch(/^cannot read treefile 'tree\.(yaml|json)(:\d+)?': /);
  expect(message).toContain(why);
});

test('a file that is not UTF-8 is an error', () =>
  withFiles({}, async (directory) => {
    const path = join(directory, 'tree.yaml');
    writeFileSync(path, Buffer.from([0x72, 0x65, 0x66, 0x3a, 0x20, 0xff]));
    await expect(loadTreefile(path, { architecture: 'amd64' })).rejects.toMatchObject({
      exit: 78,
      message: expect.stringContaining('it is not UTF-8'),
    });
  }));

test('a link that leads out of the treefile directory is refused', () =>
  withFiles({ secret: '' }, async (directory) => {
    mkdirSync(join(directory, 'sub'));
    symlinkSync('../secret', join(directory, 'sub/link'));
    writeFileSync(join(directory, 'sub/tree.yaml'), 'add-files: [[link, /etc/x]]');
    await expect(loadTreefile(join(directory, 'sub/tree.yaml'), { architecture: 'amd64' })).rejects.toMatchObject({
      exit: 78,
      message: expect.stringContaining("'link' is outside of the treefile's directory"),
    });
  }));

test('names that mean something to JavaScript are only names', async () => {
  expect(await flat('metadata: {constructor: 1, toString: 2}')).toEqual({ metadata: { constructor: 1, toString: 2 } });
  expect((await failure('__proto__: {}'))[1]).toBe("unknown key '__proto__' at 'tree.yaml:1'");
  expect((await failure('constructor: 1'))[1]).toBe("unknown key 'constructor' at 'tree.yaml:1'");
  expect((await failure('ref: a/${constructor}'))[1]).toContain("undefined variable 'constructor'");
  const { metadata } = await flat('metadata: {__proto__: {polluted: true}}');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Object.keys(metadata as object)).toEqual(['__proto__']);
});

test('includes that nest without end are an error', async () => {
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`t${i}.yaml`, `include: t${i + 1}.yaml`]));
  expect((await failure(files))[1]).toContain('includes are nested too deeply');
});
