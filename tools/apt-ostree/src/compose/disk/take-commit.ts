import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linkCommit, openTree, repositoryMode } from '@apt-ostree/ostree';
import { makeDirectories, run } from '@apt-ostree/run';
import type { Source } from './source.ts';
import { together } from './together.ts';

/**
 * Makes the new sysroot's repository with the commit in it, and beside it, at `programs`, the part of the commit that is
 * needed to run its programs.
 */
export async function takeCommit(source: Source, repo: string, programs: string, signal: AbortSignal): Promise<void> {
  makeDirectories(repo);
  const what = `cannot take commit '${source.commit}' from '${source.repo}'`;
  const ostree = async (...args: string[]) => void (await run('ostree', args, { what, signal }));
  await ostree('init', `--repo=${repo}`, '--mode=bare');
  const checkOut = (from: string) =>
    ostree('checkout', `--repo=${from}`, `--skip-list=${writeSkipList(source, programs)}`, source.commit, programs);
  const pull = () => ostree('pull-local', '--disable-fsync', `--repo=${repo}`, source.repo, source.commit);
  const take = async () => {
    if (!(await linkCommit(source.repo, source.commit, repo))) await pull();
    if (source.refspec !== undefined)
      await ostree('refs', `--repo=${repo}`, `--create=${source.refspec}`, source.commit);
  };
  if (repositoryMode(source.repo) === 'bare') return together(checkOut(source.repo), take());
  await take(); // files of other modes are unpacked once only
  await checkOut(repo);
}

/** What no program reads that makes a deployment, a boot loader or an account: most of the files of a tree. */
const SKIPPED = ['share', 'lib/modules', 'lib/firmware', 'lib/sysimage'];
/** Libraries of an interpreter that none of them is written for, below /usr/lib. */
const INTERPRETED = /^python\d/;

/** libostree compares whole paths, those of directories with a slash at their end. */
function writeSkipList({ repo, commit }: Source, programs: string): string {
  const interpreted = openTree(repo, commit)
    .list('/usr/lib')
    .filter((name) => INTERPRETED.test(name));
  const skipped = [...SKIPPED, ...interpreted.map((name) => `lib/${name}`)];
  const file = join(dirname(programs), 'skipped');
  writeFileSync(file, skipped.map((path) => `/usr/${path}/\n`).join(''));
  return file;
}
