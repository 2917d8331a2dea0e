import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { isRepository, ostree, readCommit, resolveRevision } from '@apt-ostree/ostree';

/** A ref with the commit that it names. */
export interface Ref {
  name: string;
  commit: string;
}

/**
 * The repository that is asked for.
 * @throws AotError `usage` without one, `noInput` where none is
 */
export function requireRepository(repo: string | undefined): string {
  if (repo === undefined) throw new AotError('usage', 'option --repo must be specified');
  if (isRepository(repo)) return repo;
  throw new AotError('noInput', `cannot open '${repo}': it is not an OSTree repository`, {
    code: 'no-repository',
    hint: "'ostree init --mode=archive --repo=REPO' makes one that can be served",
  });
}

/** Every ref of the repository, by name. */
export async function listRefs(repo: string): Promise<Ref[]> {
  const output = await ostree(repo, ['refs', '--list'], `cannot list the refs of '${repo}'`);
  const names = output.split('\n').filter((line) => line !== '');
  return names.sort().map((name) => ({ name, commit: resolveRevision(repo, name) }));
}

/** The refs that are named, or all; an unknown one is an error. */
export async function chooseRefs(repo: string, names: readonly string[]): Promise<Ref[]> {
  const refs = await listRefs(repo);
  const unknown = names.find((name) => !refs.some((ref) => ref.name === name));
  if (unknown !== undefined) {
    throw new AotError('noInput', `cannot find the ref '${unknown}' in '${repo}'`, {
      code: 'no-revision',
      hint: `'ostree refs --repo=${repo}' lists what is there`,
    });
  }
  return names.length === 0 ? refs : refs.filter((ref) => names.includes(ref.name));
}

/** Whether the commit is in the repository: history ends where a prune or a shallow pull cut it off. */
export const hasCommit = (repo: string, commit: string): boolean =>
  existsSync(join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commit`));

/** A commit and its ancestors, the newest first, as far as they are there. */
export function history(repo: string, commit: string): { commit: string; timestamp: number }[] {
  const found: { commit: string; timestamp: number }[] = [];
  for (let at: string | undefined = commit; at !== undefined && hasCommit(repo, at); ) {
    const { parent, timestamp } = readCommit(repo, at);
    found.push({ commit: at, timestamp });
    at = parent;
  }
  return found;
}

/** `1 commit`, `2 commits`. */
export const count = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? '' : 's'}`;

/** A number of at least one. */
export function atLeastOne(option: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new AotError('usage', `cannot use '${text}' for ${option}`, { hint: 'it takes a number from 1 on' });
}
