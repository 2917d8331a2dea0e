import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DirtreeContent, decodeDirtree, readCommit } from '@apt-ostree/ostree';

/** Paths as in `usr/bin/htop`. A directory that is only on one side stands for all that is in it. */
export interface TreeDifference {
  added: string[];
  /** Other content, owner or mode; or of another kind. */
  changed: string[];
  /** Directories with another owner or mode, whose content is compared by itself. */
  changedDirectories: string[];
  removed: string[];
}

/** What differs below /usr between two commits of a repository. */
export function usrDifference(repo: string, from: string, to: string): TreeDifference {
  const result: TreeDifference = { added: [], changed: [], changedDirectories: [], removed: [] };
  const usr = (commit: string) => read(repo, readCommit(repo, commit).tree).dirs.get('usr');
  const [before, after] = [usr(from), usr(to)];
  if (before !== undefined && after !== undefined) compare(repo, before, after, 'usr', result);
  return result;
}

type Directory = { tree: string; meta: string };

function compare(repo: string, before: Directory, after: Directory, path: string, result: TreeDifference): void {
  if (before.meta !== after.meta) result.changedDirectories.push(path);
  if (before.tree === after.tree) return;
  const [old, now] = [read(repo, before.tree), read(repo, after.tree)];
  for (const name of [...old.files.keys(), ...old.dirs.keys()])
    if (!now.files.has(name) && !now.dirs.has(name)) result.removed.push(`${path}/${name}`);
  for (const [name, file] of now.files) {
    if (isOnlyForBoot(`${path}/${name}`) || old.files.get(name) === file) continue;
    result[has(old, name) ? 'changed' : 'added'].push(`${path}/${name}`);
  }
  for (const [name, directory] of now.dirs) {
    const there = old.dirs.get(name);
    if (there !== undefined) compare(repo, there, directory, `${path}/${name}`, result);
    else result[has(old, name) ? 'changed' : 'added'].push(`${path}/${name}`);
  }
}

const has = (content: DirtreeContent, name: string): boolean => content.files.has(name) || content.dirs.has(name);

/** Large, and nothing that runs looks at it. */
const isOnlyForBoot = (path: string): boolean => /^usr\/lib\/modules\/[^/]+\/initramfs\.img$/.test(path);

const read = (repo: string, tree: string): DirtreeContent =>
  decodeDirtree(readFileSync(join(repo, 'objects', tree.slice(0, 2), `${tree.slice(2)}.dirtree`)));
