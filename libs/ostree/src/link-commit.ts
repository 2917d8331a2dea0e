import { existsSync, linkSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCommit } from './decode-commit.ts';
import { decodeDirtree } from './decode-dirtree.ts';
import { objectPath, readObject } from './read-tree-file.ts';

/**
 * Gives `to`, a new repository of mode `bare`, a commit of another one of that mode on the same file system: every object
 * by hard link, without asking for each whether it is there, as `ostree pull-local` does. Nothing names the commit yet.
 * @returns false where that cannot be (another mode or file system, an object that is missing or has too many links); what
 * was linked by then is whole, and `ostree pull-local` adds the rest
 */
export function linkCommit(from: string, commit: string, to: string): boolean {
  try {
    if (!isBare(from) || !isBare(to)) return false;
    const { tree, meta } = decodeCommit(readObject(from, commit, 'commit'));
    const link = linker(from, to);
    link(meta, 'dirmeta');
    linkTree(from, tree, link);
    if (existsSync(objectPath(from, commit, 'commitmeta'))) link(commit, 'commitmeta'); // its signatures
    link(commit, 'commit'); // last: a commit counts as there when its object is
    return true;
  } catch {
    return false;
  }
}

/** True for the mode that has owners, modes and attributes on its files. */
export const isBare = (repo: string): boolean => /^mode=bare$/m.test(readFileSync(join(repo, 'config'), 'utf8'));

type Link = (object: string, type: 'file' | 'dirtree' | 'dirmeta' | 'commitmeta' | 'commit') => boolean;

/** @returns what links an object, the first time it is named; false every other time */
function linker(from: string, to: string): Link {
  const done = new Set<string>();
  const directories = new Set<string>();
  return (object, type) => {
    const key = object + type;
    if (done.has(key)) return false;
    done.add(key);
    const directory = object.slice(0, 2);
    if (!directories.has(directory)) {
      mkdirSync(join(to, 'objects', directory), { recursive: true });
      directories.add(directory);
    }
    linkSync(objectPath(from, object, type), objectPath(to, object, type));
    return true;
  };
}

function linkTree(from: string, tree: string, link: Link): void {
  if (!link(tree, 'dirtree')) return;
  const { files, dirs } = decodeDirtree(readObject(from, tree, 'dirtree'));
  for (const file of files.values()) link(file, 'file');
  for (const below of dirs.values()) {
    link(below.meta, 'dirmeta');
    linkTree(from, below.tree, link);
  }
}
