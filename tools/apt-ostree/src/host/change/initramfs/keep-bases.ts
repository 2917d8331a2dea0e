import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sysroot } from '@apt-ostree/host';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';
import { baseOf } from '../base-commit.ts';
import { isThere } from '../history.ts';
import { chain } from './derive.ts';

const PREFIX = 'aot/base';

/**
 * Lets a ref name every commit that a deployment is put together from: it is needed for the next one, and libostree
 * removes what no ref names. Those that nothing needs any more go.
 * @param next commits that are about to be deployed
 */
export async function keepBases({ repo, deployments }: Sysroot, ...next: string[]): Promise<void> {
  const all = [...deployments.map((d) => d.checksum), ...next].filter((commit) => isThere(repo, commit));
  const wanted = new Set(all.flatMap((commit) => below(repo, readCommit(repo, commit))));
  const refs = existing(repo);
  for (const [name, commit] of refs) if (!wanted.delete(commit)) await edit(repo, '--delete', `${PREFIX}/${name}`);
  const used = new Set(refs.keys());
  for (const commit of wanted) {
    let number = 0;
    while (used.has(String(number))) number++;
    used.add(String(number));
    await edit(repo, `--create=${PREFIX}/${number}`, commit);
  }
}

function below(repo: string, commit: CommitInfo): string[] {
  const [, ...before] = chain(repo, commit.checksum);
  const base = baseOf(repo, commit).checksum;
  return [...before, ...(base === commit.checksum ? [] : [base])];
}

function existing(repo: string): Map<string, string> {
  const directory = join(repo, 'refs/heads', PREFIX);
  const names = existsSync(directory) ? readdirSync(directory) : [];
  return new Map(names.map((name) => [name, readFileSync(join(directory, name), 'utf8').trim()]));
}

const edit = (repo: string, ...args: string[]): Promise<unknown> =>
  run('ostree', ['refs', `--repo=${repo}`, ...args], { what: 'cannot write the refs of bases' });
