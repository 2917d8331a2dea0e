import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byteOrder, checksum, encodeCommit, encodeDirmeta, encodeDirtree, fileHash } from '../src/index.ts';

// libostree is the judge: what it makes of a tree must have the names and the bytes that we compute.
const top = temporary(afterAll);
const repo = join(top, 'repo');
const names = [
  'a',
  'B',
  'ä',
  'a.b',
  'a-b',
  '\u{1f600}',
  '\uff5e',
  ...Array.from({ length: 300 }, (_, i) => `file-${i}`),
];

const ostree = async (...args: string[]) => (await run('ostree', [`--repo=${repo}`, ...args])).stdout;

beforeAll(async () => {
  const tree = join(top, 'tree');
  for (const dir of ['', 'empty', 'sub', 'sub/z', 'sub/ä']) mkdirSync(join(tree, dir));
  for (const name of names) writeFileSync(join(tree, name), `${name}\n`);
  writeFileSync(join(tree, 'sub/set'), 'suid');
  chmodSync(join(tree, 'sub/set'), 0o4755);
  chmodSync(join(tree, 'sub/z'), 0o1777);
  symlinkSync('../nowhere/ä', join(tree, 'sub/link'));
  await run('ostree', ['init', '--mode=archive', `--repo=${repo}`]);
  const owner = ['--owner-uid=7', '--owner-gid=42'];
  await ostree(
    'commit',
    '--branch=x',
    '--no-bindings',
    ...owner,
    '--timestamp=@1234',
    '-s',
    'subject',
    '-m',
    'body',
    `--tree=dir=${tree}`,
  );
});

const owner = { uid: 7, gid: 42 };
const file = (content: string, mode = 0o100644) =>
  fileHash({ ...owner, mode })
    .update(content)
    .digest('hex');
const meta = (mode = 0o040755) => encodeDirmeta({ ...owner, mode });
const object = async (name: string, type: string) =>
  readFileSync(join(repo, 'objects', name.slice(0, 2), `${name.slice(2)}.${type}`));

/** The tree as we compute it. */
function computed() {
  const empty = encodeDirtree({ files: new Map(), dirs: new Map() });
  const leaf = { tree: checksum(empty), meta: checksum(meta()) };
  const link = fileHash({ ...owner, mode: 0o120777 }, '../nowhere/ä').digest('hex');
  const sub = encodeDirtree({
    files: new Map([
      ['set', file('suid', 0o104755)],
      ['link', link],
    ]),
    dirs: new Map([
      ['ä', leaf],
      ['z', { ...leaf, meta: checksum(meta(0o041777)) }],
    ]),
  });
  const root = encodeDirtree({
    files: new Map(names.map((name) => [name, file(`${name}\n`)])),
    dirs: new Map([
      ['sub', { tree: checksum(sub), meta: checksum(meta()) }],
      ['empty', leaf],
    ]),
  });
  return { empty, sub, root };
}

test('directories, files and links have the checksums that libostree gives them', async () => {
  const { sub, root } = computed();
  for (const [path, mine] of [
    ['/', root],
    ['/sub', sub],
  ] as const) {
    const [line] = (await ostree('ls', '-d', '-C', 'x', path)).split('\n');
    expect(line).toContain(`${checksum(mine)} ${checksum(meta())}`);
    expect(await object(checksum(mine), 'dirtree')).toEqual(Buffer.from(mine));
  }
  expect(await object(checksum(meta(0o041777)), 'dirmeta')).toEqual(Buffer.from(meta(0o041777)));
  const link = await ostree('ls', '-C', 'x', '/sub/link');
  expect(link).toContain(fileHash({ ...owner, mode: 0o120777 }, '../nowhere/ä').digest('hex'));
});

test('a commit has the bytes that libostree gives it', async () => {
  const mine = encodeCommit({
    subject: 'subject',
    body: 'body',
    timestamp: 1234,
    tree: checksum(computed().root),
    meta: checksum(meta()),
  });
  const theirs = await object((await ostree('rev-parse', 'x')).trim(), 'commit');
  expect(theirs.toString('latin1')).toBe(Buffer.from(mine).toString('latin1'));
});

test('names are sorted by bytes, not by UTF-16 units', () => {
  expect(['\u{1f600}', '\uff5e', 'ä', 'a', 'B', 'a.b', 'a-b', ''].sort(byteOrder)).toEqual([
    '',
    'B',
    'a',
    'a-b',
    'a.b',
    'ä',
    '\uff5e',
    '\u{1f600}',
  ]);
});
