import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileObjects, type ListedEntry, listTree, readDirmeta } from '../src/index.ts';

const ostree = (...args: string[]) => execFileSync('ostree', args, { encoding: 'utf8' }).trim();

/** One tree of everything, committed with its true owners to a bare repository, and pulled into one of `mode`. */
function repository(mode: string) {
  const top = temporary(onTestFinished);
  const tree = join(top, 'tree');
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  chmodSync(join(tree, 'usr'), 0o2755);
  writeFileSync(join(tree, 'usr/bin/su'), 'su');
  chownSync(join(tree, 'usr/bin/su'), 1, 42);
  chmodSync(join(tree, 'usr/bin/su'), 0o4755);
  writeFileSync(join(tree, 'usr/bin/ping'), 'ping');
  execFileSync('setfattr', ['-n', 'user.b', '-v', '0x0001ff', join(tree, 'usr/bin/ping')]);
  execFileSync('setfattr', ['-n', 'user.a', '-v', 'x', join(tree, 'usr/bin/ping')]);
  writeFileSync(join(tree, 'usr/empty'), '');
  writeFileSync(join(tree, 'usr/big'), Buffer.alloc(9_000_000, 'big'));
  linkSync(join(tree, 'usr/big'), join(tree, 'usr/same'));
  symlinkSync('../usr/bin/su', join(tree, 'usr/lìnk'));
  const bare = join(top, 'bare');
  ostree('init', `--repo=${bare}`, '--mode=bare');
  const commit = ostree('commit', `--repo=${bare}`, `--tree=dir=${tree}`, '--branch=os');
  if (mode === 'bare') return { repo: bare, commit };
  const repo = join(top, 'repo');
  ostree('init', `--repo=${repo}`, `--mode=${mode}`);
  ostree('pull-local', `--repo=${repo}`, bare, commit);
  return { repo, commit };
}

async function contentOf(objects: FileObjects, object: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of objects.read(object).content()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const objectsOf = (entries: readonly ListedEntry[]) =>
  new Map(entries.flatMap((e) => (e.type === 'file' ? [[e.path, e.object] as const] : [])));

describe.each(['bare', 'bare-user', 'archive'])('in a repository of mode %s', (mode) => {
  test('a tree is listed in order, and files are read as they were committed', async () => {
    const { repo, commit } = repository(mode);
    const entries = listTree(repo, commit);
    expect(entries.map((e) => e.path)).toEqual([
      '',
      'usr',
      'usr/big',
      'usr/bin',
      'usr/bin/ping',
      'usr/bin/su',
      'usr/empty',
      'usr/lìnk',
      'usr/same',
    ]);
    const usr = entries.find((e) => e.path === 'usr') as ListedEntry & { type: 'directory' };
    expect(readDirmeta(repo, usr.meta)).toMatchObject({ uid: 0, gid: 0, mode: 0o42755, xattrs: [] });
    const names = objectsOf(entries);
    const objects = new FileObjects(repo);
    await objects.prepare([...names.values()]);
    const file = (path: string) => objects.read(names.get(path) as string);
    expect(file('usr/bin/su')).toMatchObject({ uid: 1, gid: 42, mode: 0o104755, size: 2, xattrs: [] });
    expect(file('usr/bin/ping').xattrs.map(([name, value]) => [name, Buffer.from(value).toString('hex')])).toEqual([
      ['user.a', '78'],
      ['user.b', '0001ff'],
    ]);
    expect(file('usr/lìnk')).toMatchObject({ target: '../usr/bin/su', size: 0 });
    expect(await contentOf(objects, names.get('usr/empty') as string)).toHaveLength(0);
    const big = await contentOf(objects, names.get('usr/big') as string);
    expect(big.equals(Buffer.alloc(9_000_000, 'big'))).toBe(true);
    expect(names.get('usr/same')).toBe(names.get('usr/big'));
  });

  test.each(['usr/bin/su', 'usr/big'])('content of %s that is not what its name says is an error', async (path) => {
    const { repo, commit } = repository(mode);
    const object = objectsOf(listTree(repo, commit)).get(path) as string;
    const directory = join(repo, 'objects', object.slice(0, 2));
    const name = readdirSync(directory).find((n) => n.startsWith(object.slice(2))) as string;
    const bytes = readFileSync(join(directory, name));
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 0xff;
    writeFileSync(join(directory, name), bytes);
    const objects = new FileObjects(repo);
    await objects.prepare([object]);
    await expect(contentOf(objects, object)).rejects.toThrow(/damaged/);
  });
});

test('an object that is not there is an error that names it', async () => {
  const { repo, commit } = repository('archive');
  const object = objectsOf(listTree(repo, commit)).get('usr/empty') as string;
  rmSync(join(repo, 'objects', object.slice(0, 2), `${object.slice(2)}.filez`));
  expect(() => new FileObjects(repo).read(object)).toThrow(`cannot read the object '${object}'`);
});

test('a directory that was changed is an error', () => {
  const { repo, commit } = repository('bare');
  const usr = listTree(repo, commit).find((e) => e.path === 'usr') as ListedEntry & { type: 'directory' };
  writeFileSync(join(repo, 'objects', usr.tree.slice(0, 2), `${usr.tree.slice(2)}.dirtree`), 'x');
  expect(() => listTree(repo, commit)).toThrow(/damaged/);
});

test('a mode that nobody knows is an error', () => {
  const { repo } = repository('bare');
  writeFileSync(join(repo, 'config'), '[core]\nrepo_version=1\nmode=odd\n');
  expect(() => new FileObjects(repo)).toThrow("its mode 'odd' is not known");
});
