import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { type BareRepo, openBareRepo, type Root, writeTree } from '../src/index.ts';

interface World {
  repo: BareRepo;
  tree: string;
}

/** A tree of everything that a repository can keep. */
async function world(): Promise<World> {
  const at = temporary(onTestFinished);
  const tree = join(at, 'tree');
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  writeFileSync(join(tree, 'usr/bin/tool'), 'a program');
  chmodSync(join(tree, 'usr/bin/tool'), 0o4755);
  linkSync(join(tree, 'usr/bin/tool'), join(tree, 'usr/bin/same'));
  writeFileSync(join(tree, 'usr/big'), Buffer.alloc(700_000, 'big'));
  for (const name of ['empty', 'empty too', 'line\nbreak', 'back\\slash', 'ünïcode'])
    writeFileSync(join(tree, name), '');
  symlinkSync('usr/bin', join(tree, 'bin'));
  symlinkSync('not/there', join(tree, 'dangling'));
  mkdirSync(join(tree, 'tmp'));
  chmodSync(join(tree, 'tmp'), 0o1777);
  const attributes = [
    ['usr/bin/tool', 'user.b', '2'],
    ['usr/bin/tool', 'user.a=b', '1'],
    ['line\nbreak', 'user.x', 'y'],
  ];
  for (const [path, name, value] of [...attributes, ['tmp', 'user.of a directory', '']]) {
    await run('setfattr', ['-n', name as string, '-v', value as string, '--', join(tree, path as string)]);
  }
  return { repo: await openBareRepo(join(at, 'cache/repo')), tree };
}

/** The root that libostree gives the same tree. */
function theirs({ repo, tree }: World): Root {
  const ostree = (...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync('ostree', [`--repo=${repo.path}.theirs`, ...args], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  ostree('init', '--mode=bare');
  const commit = ostree('commit', '--orphan', '--subject=', `--tree=dir=${tree}`);
  const [contents = '', meta = ''] = ostree('ls', '--checksum', '--dironly', commit, '/').split(/\s+/).slice(4);
  return { tree: contents, meta };
}

test.each([true, false])('a tree has the checksums that libostree gives it; adopted: %s', async (adopt) => {
  const w = await world();
  const { root, stats } = await writeTree(w.repo, w.tree, { adopt });
  expect(root).toEqual(theirs(w));
  expect(stats).toMatchObject({ metadataTotal: 8, contentTotal: 9, cacheHits: 1 });
  const commit = w.repo.commit({ subject: 'one', timestamp: 0, ...root });
  w.repo.setRef('one', commit);
  await run('ostree', [`--repo=${w.repo.path}`, 'fsck']);
});

test('what was adopted is known by its inode the next time, and empty files stay apart', async () => {
  const w = await world();
  const first = await writeTree(w.repo, w.tree, { adopt: true });
  expect(lstatSync(join(w.tree, 'usr/big'))).toMatchObject({ nlink: 2, mtimeMs: 0 });
  expect(lstatSync(join(w.tree, 'empty')).nlink).toBe(1);
  const second = await writeTree(w.repo, w.tree, { adopt: false });
  expect(second.root).toEqual(first.root);
  expect(second.stats).toMatchObject({ metadataWritten: 0, contentWritten: 0, cacheHits: 3, contentBytesWritten: 0 });
});

test('a tree that is not adopted stays as it is', async () => {
  const w = await world();
  const before = lstatSync(join(w.tree, 'usr/big'));
  await writeTree(w.repo, w.tree, { adopt: false });
  expect(lstatSync(join(w.tree, 'usr/big'))).toEqual({
    ...before,
    atimeMs: expect.anything(),
    atime: expect.anything(),
  });
});

test('objects that a power failure has cut are written anew', async () => {
  const w = await world();
  const { root } = await writeTree(w.repo, w.tree, { adopt: false });
  const objects = [...objectsOf(w.repo.path)].filter((path) => !lstatSync(path).isSymbolicLink());
  for (const path of objects) if (lstatSync(path).size > 0) truncateSync(path, lstatSync(path).size - 1);
  expect((await writeTree(w.repo, w.tree, { adopt: false })).root).toEqual(root);
  w.repo.setRef('one', w.repo.commit({ subject: 'one', timestamp: 0, ...root }));
  await run('ostree', [`--repo=${w.repo.path}`, 'fsck']);
});

function* objectsOf(repo: string): Generator<string> {
  for (const directory of readdirSync(join(repo, 'objects')))
    for (const name of readdirSync(join(repo, 'objects', directory))) yield join(repo, 'objects', directory, name);
}

test('what a repository is to leave free is left free', async () => {
  const w = await world();
  const first = await writeTree(w.repo, w.tree, { adopt: true });
  await run('ostree', ['config', `--repo=${w.repo.path}`, 'set', 'core.min-free-space-size', '900TB']);
  expect((await writeTree(w.repo, w.tree, { adopt: true })).root).toEqual(first.root); // nothing comes
  writeFileSync(join(w.tree, 'more'), 'more');
  for (const adopt of [true, false])
    await expect(writeTree(w.repo, w.tree, { adopt })).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('min-free-space'),
    });
});

test('a pipe is named', async () => {
  const w = await world();
  await run('mkfifo', [join(w.tree, 'usr/pipe')]);
  await expect(writeTree(w.repo, w.tree, { adopt: false })).rejects.toMatchObject({
    code: 'data',
    message: `cannot write '${join(w.tree, 'usr/pipe')}': it is no file, link or directory`,
  });
});
