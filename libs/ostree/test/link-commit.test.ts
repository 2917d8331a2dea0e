import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { linkCommit } from '../src/index.ts';

const ostree = (...args: string[]) => execFileSync('ostree', args, { encoding: 'utf8' }).trim();

/** A repository with two commits, an empty one beside it, and the objects of each. */
function repositories(mode: string) {
  const top = temporary(onTestFinished);
  const [from, to, tree] = [join(top, 'from'), join(top, 'to'), join(top, 'tree')];
  ostree('init', `--repo=${from}`, `--mode=${mode}`);
  ostree('init', `--repo=${to}`, '--mode=bare');
  mkdirSync(join(tree, 'a/b'), { recursive: true });
  symlinkSync('a/b', join(tree, 'link'));
  writeFileSync(join(tree, 'a/b/file'), 'one');
  const make = () => ostree('commit', `--repo=${from}`, '--branch=os', `--tree=dir=${tree}`);
  const commit = make();
  writeFileSync(join(tree, 'a/b/other'), 'two');
  make();
  return { from, to, commit };
}

const objects = (repo: string): string[] =>
  readdirSync(join(repo, 'objects'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.'));

describe('a commit', () => {
  test('is linked whole, with its signatures, and nothing else', async () => {
    const { from, to, commit } = repositories('bare');
    const detached = `${commit.slice(0, 2)}/${commit.slice(2)}.commitmeta`;
    writeFileSync(join(from, 'objects', detached), '');
    expect(await linkCommit(from, commit, to)).toBe(true);
    for (const name of objects(to)) expect(lstatSync(join(to, 'objects', name)).nlink, name).toBe(2);
    expect(objects(to)).toContain(detached);
    rmSync(join(to, 'objects', detached));
    ostree('refs', `--repo=${to}`, '--create=os', commit);
    expect(ostree('fsck', `--repo=${to}`)).toContain('fsck');
    ostree('init', `--repo=${to}-pulled`, '--mode=bare');
    ostree('pull-local', `--repo=${to}-pulled`, from, commit);
    const pulled = objects(`${to}-pulled`).filter((name) => name !== detached);
    expect(objects(to).sort()).toEqual(pulled.sort());
  });

  test('comes last, over what an older one left there', async () => {
    const { from, to, commit } = repositories('bare');
    const newer = ostree('rev-parse', `--repo=${from}`, 'os');
    const object = join(to, 'objects', newer.slice(0, 2), `${newer.slice(2)}.commit`);
    expect(await linkCommit(from, commit, to)).toBe(true);
    const settled = async () => expect(existsSync(object)).toBe(false);
    expect(await linkCommit(from, newer, to, settled)).toBe(true);
    for (const name of ['os', 'older'])
      ostree('refs', `--repo=${to}`, `--create=${name}`, name === 'os' ? newer : commit);
    expect(ostree('fsck', `--repo=${to}`)).toContain('fsck');
    expect(objects(to).sort()).toEqual(objects(from).sort());
    writeFileSync(join(to, 'state', `${newer}.commitpartial`), '');
    expect(await linkCommit(from, newer, to)).toBe(false);
  });

  test('is left to ostree where an object is missing', async () => {
    const { from, to, commit } = repositories('bare');
    for (const name of objects(from)) if (name.endsWith('.file')) rmSync(join(from, 'objects', name));
    expect(await linkCommit(from, commit, to)).toBe(false);
    expect(existsSync(join(to, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commit`))).toBe(false);
  });

  test.each(['archive', 'bare-user'])('is left to ostree where the repository is of mode %s', async (mode) => {
    const { from, to, commit } = repositories(mode);
    expect(await linkCommit(from, commit, to)).toBe(false);
    expect(objects(to)).toEqual([]);
  });
});
