import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@apt-ostree/manifest';
import { type CommitMetadata, encodeCommitObject, fromJson } from '@apt-ostree/ostree';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { commitMetadata, listed, type MetadataInputs, scriptsDigest } from '../src/metadata.ts';
import { settings } from '../src/settings.ts';

import { CLOCK, manifest } from './fixture.ts';

function inputs(treefile: Record<string, unknown> = {}, more: Partial<MetadataInputs> = {}): MetadataInputs {
  const none = { version: null, kver: undefined, strings: [], json: undefined };
  const of = { manifest: manifest(treefile), settings: settings(treefile), packages: listed(manifest(treefile)) };
  return { ...of, inputHash: 'b'.repeat(64), ...none, ...more };
}

describe('the metadata of a commit', () => {
  test('says what the tree is made of, with sorted keys', () => {
    const metadata = commitMetadata(inputs({ ref: 'x' }, { version: '13', kver: '6.12' }));
    expect(Object.keys(metadata)).toEqual([
      ...[
        'aptostree.indices',
        'aptostree.inputhash',
        'aptostree.packages',
        'aptostree.scripts-digest',
        'aptostree.treefile',
      ],
      ...['ostree.bootable', 'ostree.linux', 'version'],
    ]);
    expect(metadata['aptostree.packages']?.value).toEqual([['hello', '1.0-1', 'amd64', 'hello', '1.0-1']]);
    expect(metadata['ostree.linux']?.value).toBe('6.12');
  });

  test.each(['detached', 'disabled'])('repo-metadata: %s keeps the indices out', (value) => {
    expect(commitMetadata(inputs({ 'repo-metadata': value }))).not.toHaveProperty('aptostree.indices');
  });

  test("the treefile's, a file's and the command line's come over ours, the later the stronger", () => {
    const file = join(temporary(onTestFinished), 'm.json');
    writeFileSync(file, '{"b":2,"c":{"d":[true,null]},"n":null}');
    const treefile = { 'add-commit-metadata': { a: 'tree', b: 'tree', z: 'tree' } };
    const metadata = commitMetadata(inputs(treefile, { json: file, strings: ['z=line=x', 'version=9'] }));
    expect(metadata).toMatchObject({
      a: { type: 's', value: 'tree' },
      b: { type: 'x', value: 2 },
      c: { type: 'a{sv}', value: { d: { type: 'av', value: [{ type: 'b', value: true }] } } },
      version: { type: 's', value: '9' },
      z: { type: 's', value: 'line=x' },
    });
  });

  test('a word without a value and a file that is no object are errors', () => {
    expect(() => commitMetadata(inputs({}, { strings: ['x'] }))).toThrow(/'x'/);
    const file = join(temporary(onTestFinished), 'm.json');
    writeFileSync(file, '[]');
    expect(() => commitMetadata(inputs({}, { json: file }))).toThrow(/not one JSON object/);
  });

  test('the digest of the scripts does not know how long they took', () => {
    const script = {
      package: 'p:amd64',
      script: 'postinst',
      args: [],
      exit: 0,
      calls: [],
      created: ['/x'],
      changed: [],
      removed: [],
    };
    const digest = (durationMs: number, exit = 0, output = {}) =>
      scriptsDigest({ ...manifest(), scripts: [{ ...script, exit, durationMs, ...output }] });
    expect(digest(1)).toBe(digest(2));
    expect(digest(1)).toBe(digest(1, 0, { output: 'took 1 s' }));
    expect(digest(1)).not.toBe(digest(1, 1));
  });
});

/** libostree is the judge of what we encode. */
describe('a commit object', () => {
  function shown(metadata: CommitMetadata, parent?: string) {
    const directory = temporary(onTestFinished);
    const [repo, tree] = [join(directory, 'repo'), join(directory, 'tree')];
    mkdirSync(tree);
    const ostree = (...args: string[]) => execFileSync('ostree', [`--repo=${repo}`, ...args], { encoding: 'utf8' });
    ostree('init', '--mode=bare');
    const base = ostree(
      'commit',
      '--orphan',
      '--no-bindings',
      '--timestamp=@0',
      '--subject=',
      `--tree=dir=${tree}`,
    ).trim();
    const raw = execFileSync('cat', [join(repo, 'objects', base.slice(0, 2), `${base.slice(2)}.commit`)]);
    const root = { tree: raw.subarray(16, 48).toString('hex'), meta: raw.subarray(48, 80).toString('hex') };
    const object = encodeCommitObject({ metadata, parent, timestamp: CLOCK, root });
    const name = sha256(object);
    mkdirSync(join(repo, 'objects', name.slice(0, 2)), { recursive: true });
    writeFileSync(join(repo, 'objects', name.slice(0, 2), `${name.slice(2)}.commit`), object);
    ostree('refs', '--create=x', name);
    if (parent === undefined) ostree('fsck', '-q');
    return { show: ostree('show', 'x'), key: (k: string) => ostree('show', `--print-metadata-key=${k}`, 'x').trim() };
  }

  test('is read by libostree: time, parent and every type of metadata', () => {
    const { show, key } = shown({
      s: { type: 's', value: "it's ü" },
      b: { type: 'b', value: true },
      x: { type: 'x', value: -3 },
      t: { type: 't', value: 1_795_000_000 },
      d: { type: 'd', value: 1.5 },
      as: { type: 'as', value: ['one', 'two'] },
      none: { type: 'as', value: [] },
      p: {
        type: 'a(sssss)',
        value: [
          ['a', 'b', 'c', 'd', 'e'],
          ['1', '2', '3', '4', '5'],
        ],
      },
      v: fromJson({ a: [1, 'x', { y: false }], e: [] }),
      i: { type: 'aa{sv}', value: [{ id: { type: 's', value: 'debian' }, n: { type: 't', value: 7 } }, {}] },
    });
    expect(show).toMatch(/Date: {2}2023-11-14 22:13:20 \+0000/);
    expect(['s', 'b', 'x', 't', 'd', 'as', 'none'].map(key)).toEqual([
      ...[`"it's ü"`, 'true', 'int64 -3', 'uint64 1795000000', '1.5', "['one', 'two']", '@as []'],
    ]);
    expect(key('p')).toBe("[('a', 'b', 'c', 'd', 'e'), ('1', '2', '3', '4', '5')]");
    expect(key('v')).toBe("{'a': <[<int64 1>, <'x'>, <{'y': <false>}>]>, 'e': <@av []>}");
    expect(key('i')).toBe("[{'id': <'debian'>, 'n': <uint64 7>}, {}]");
  });

  test('may be as long as the packages of a desktop: three thousand rows', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => [
      `package-${i}`,
      `1.0-${i}`,
      'amd64',
      `source-${i}`,
      `1.0-${i}`,
    ]);
    const text = shown({ p: { type: 'a(sssss)', value: rows } }).key('p');
    expect(text.split('package-').length).toBe(3001);
  });

  test('names its parent', () => {
    expect(shown({}, 'c'.repeat(64)).show).toContain(`Parent:  ${'c'.repeat(64)}`);
  });
});
