import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { commitOfRevision } from '../src/commit-of-revision.ts';

test('a version is of the branch, behind where it is or fetched ahead of it', () => {
  const top = temporary(onTestFinished);
  const repo = join(top, 'repo');
  mkdirSync(join(top, 'tree'));
  const ostree = (...args: string[]) => execFileSync('ostree', args, { encoding: 'utf8' }).trim();
  const commit = (version: string, ...where: string[]) =>
    ostree('commit', `--repo=${repo}`, `--tree=dir=${top}/tree`, `--add-metadata-string=version=${version}`, ...where);
  ostree('init', `--repo=${repo}`, '--mode=bare-user');
  const one = commit('1', '--branch=os');
  const head = commit('2', '--branch=os');
  const ahead = commit('3', '--orphan', `--parent=${head}`); // no ref leads to an orphan
  commit('4', '--branch=other');
  const find = (revision: string) => commitOfRevision(repo, () => 'os', revision);
  expect(['1', 'version=2', 'VERSION=3'].map(find)).toEqual([one, head, ahead]);
  expect(find(`revision=${one}`)).toBe(one);
  expect(() => find('4')).toThrow("cannot find version '4' in 'os'");
});
