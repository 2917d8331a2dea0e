import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readCommit, readGvariant, resolveRevision } from '../src/index.ts';

const ostree = (...args: string[]) => execFileSync('ostree', args, { encoding: 'utf8' }).trim();

function repository(mode: string) {
  const top = temporary(onTestFinished);
  const repo = join(top, 'repo');
  const tree = join(top, 'tree');
  mkdirSync(tree);
  ostree('init', `--repo=${repo}`, `--mode=${mode}`);
  const commit = (...args: string[]) => ostree('commit', `--repo=${repo}`, `--tree=dir=${tree}`, ...args);
  return { repo, tree, commit };
}

const METADATA = [
  ['version', "'13.2'"],
  ['ostree.bootable', 'true'],
  ['small', 'byte 0x07'],
  ['number', 'uint32 305419896'],
  ['big', 'uint64 18446744073709551615'],
  ['negative', 'int64 -5'],
  ['pi', '3.25'],
  ['nested', "{'a': <[1, 2, 3]>, 'b': <('x', true, uint16 513)>}"],
  ['nothing', '@ms nothing'],
  ['bytes', '[byte 0x01, 0x02]'],
  ['aptostree.packages', "[('bash', '5.2-1', 'amd64', 'bash', '5.2-1'), ('é', '1', 'all', 'src', '2:1')]"],
  ['long', `['${'x'.repeat(70_000)}', 'é']`],
] as const;

describe.each(['bare', 'bare-user', 'archive'])('in a repository of mode %s', (mode) => {
  test('a commit is read as it was written', () => {
    const { repo, commit } = repository(mode);
    const parent = commit('--branch=os', '--timestamp=@1700000000');
    const words = METADATA.map(([key, value]) => `--add-metadata=${key}=${value}`);
    const made = commit('--branch=os', '--timestamp=@1754172000', '--subject=Füße', '--body=text', ...words);
    expect(readCommit(repo, made)).toEqual({
      checksum: made,
      parent,
      timestamp: 1754172000,
      subject: 'Füße',
      body: 'text',
      tree: readCommit(repo, parent).tree,
      meta: readCommit(repo, parent).meta,
      version: '13.2',
      metadata: expect.objectContaining({
        version: '13.2',
        'ostree.bootable': true,
        small: 7,
        number: 0x12345678,
        big: 18446744073709551615n,
        negative: -5,
        pi: 3.25,
        nested: { a: [1, 2, 3], b: ['x', true, 513] },
        nothing: null,
        bytes: new Uint8Array([1, 2]),
        long: ['x'.repeat(70_000), 'é'],
      }),
      packages: [
        { name: 'bash', version: '5.2-1', architecture: 'amd64', sourcePackage: 'bash', sourceVersion: '5.2-1' },
        { name: 'é', version: '1', architecture: 'all', sourcePackage: 'src', sourceVersion: '2:1' },
      ],
    });
    expect(readCommit(repo, parent)).toMatchObject({ parent: undefined, version: undefined, packages: undefined });
  });
});

test('revisions are what ostree rev-parse says', () => {
  const { repo, commit } = repository('bare-user');
  const first = commit('--branch=os/main');
  const second = commit('--branch=os/main');
  ostree('refs', `--repo=${repo}`, '--create=debian:os/other', first);
  for (const revision of ['os/main', 'os/main^', 'debian:os/other', second.slice(0, 12), `${second}^`, second]) {
    expect(resolveRevision(repo, revision)).toBe(ostree('rev-parse', `--repo=${repo}`, revision));
  }
  for (const bad of ['os', 'os/main^^', 'debian:os/main', '../config', 'ffffff', '', 'a b']) {
    expect(() => resolveRevision(repo, bad), bad).toThrow(expect.objectContaining({ exit: 66 }));
  }
  expect(() => resolveRevision(repo, 'os/mian')).toThrow(`cannot find 'os/mian' in '${repo}'`);
  writeFileSync(join(repo, 'refs/heads/os/main'), 'rubbish\n');
  expect(() => resolveRevision(repo, 'os/main')).toThrow(expect.objectContaining({ exit: 65 }));
});

test('an abbreviation that two commits share is refused', () => {
  const { repo } = repository('bare-user');
  mkdirSync(join(repo, 'objects/ab'), { recursive: true });
  for (const c of ['0', '1']) writeFileSync(join(repo, 'objects/ab', `cd${c.repeat(60)}.commit`), '');
  expect(() => resolveRevision(repo, 'abcd')).toThrow("cannot tell which commit 'abcd' is: 2 begin with it");
});

test('a commit that is not there, or damaged, is named', () => {
  const { repo, commit } = repository('archive');
  const made = commit('--branch=os');
  const absent = 'a'.repeat(64);
  expect(() => readCommit(repo, absent)).toThrow(`cannot find the commit '${absent}' in '${repo}'`);
  const object = join(repo, 'objects', made.slice(0, 2), `${made.slice(2)}.commit`);
  chmodSync(object, 0o644);
  appendFileSync(object, 'x');
  expect(() => readCommit(repo, made)).toThrow(`cannot use the commit '${made}' in '${repo}': it is damaged`);
});

test('a list of packages that is none is refused', () => {
  const { repo, commit } = repository('archive');
  const made = commit('--branch=os', "--add-metadata=aptostree.packages=['bash']");
  expect(() => readCommit(repo, made).packages).toThrow("its 'aptostree.packages' is no list of packages");
});

test.each([
  ['s', [0x61]],
  ['u', [1, 2, 3]],
  ['as', [0x61, 0, 9]],
  ['(ss)', []],
  ['(ss)', [0x61, 0, 0x62, 0, 200]],
  ['a{sv}', [1, 2, 3, 4, 5]],
  ['v', [1, 2]],
  ['v', [0, 0x7a]],
  ['(u', [0]],
  ['at', [1, 2, 3]],
])('bytes that are no %s are refused: %j', (type, bytes) => {
  expect(() => readGvariant(type, new Uint8Array(bytes))).toThrow(expect.objectContaining({ exit: 65 }));
});
