import { existsSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCommit } from './decode-commit.ts';
import { decodeDirtree } from './decode-dirtree.ts';
import { objectPath, readObject } from './read-object.ts';
import { repositoryMode } from './repository-setting.ts';

/**
 * Gives `to`, a repository of mode `bare`, a commit of another one of that mode on the same file system: every object by
 * hard link, without asking for each whether it is there, as `ostree pull-local` does. Nothing names the commit yet.
 * @param settled awaited when all but the commit object is there, which makes the commit count
 * @returns false where that cannot be (another mode or file system, an object that is missing or has too many links, a
 * commit that is there in part); what was linked by then is whole, and `ostree pull-local` adds the rest
 */
export async function linkCommit(
  from: string,
  commit: string,
  to: string,
  settled: () => Promise<void> = async () => {},
): Promise<boolean> {
  const [own, others] = [to, from].map((repo) => existsSync(objectPath(repo, commit, 'commitmeta')));
  if (existsSync(join(to, 'state', `${commit}.commitpartial`)) || (own && others)) return false;
  const link = linker(from, to);
  try {
    if (repositoryMode(from) !== 'bare' || repositoryMode(to) !== 'bare') return false;
    const { tree, meta } = decodeCommit(readObject(from, commit, 'commit'));
    link(meta, 'dirmeta');
    linkTree(from, tree, link);
    if (others) link(commit, 'commitmeta'); // its signatures
  } catch {
    return false;
  }
  await settled();
  link(commit, 'commit');
  return true;
}

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
    linkUnlessThere(objectPath(from, object, type), objectPath(to, object, type));
    return true;
  };
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
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
