import { lstatSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import type { TreeDifference } from './tree-difference.ts';

/** Users are made by systemd-sysusers; the cache of libraries is of no use where their directories are the usual ones. */
const OTHERS = /^etc\/((passwd|group|shadow|gshadow|subuid|subgid)-?|ld\.so\.cache)$/;

/** Roots of trees whose usr/etc has the defaults. */
export interface EtcTrees {
  booted: string;
  /** What is live before the change. */
  live: string;
  target: string;
}

/** Files, links and empty directories of /etc, as in `etc/htoprc`, that a change of the defaults concerns. */
export function concernedEtc({ booted, target }: EtcTrees, difference: TreeDifference, replace: boolean): string[] {
  const below = (tree: string, paths: readonly string[]) =>
    paths.filter((path) => path.startsWith('usr/etc/')).flatMap((path) => leaves(join(tree, 'usr'), path.slice(4)));
  const others = replace
    ? [...below(target, difference.changed), ...below(booted, [...difference.changed, ...difference.removed])]
    : [];
  return [...new Set([...below(target, difference.added), ...others])].filter((path) => !OTHERS.test(path));
}

function leaves(root: string, path: string): string[] {
  if (!stat(join(root, path))?.isDirectory()) return stat(join(root, path)) === undefined ? [] : [path];
  const names = readdirSync(join(root, path));
  return names.length === 0 ? [path] : names.flatMap((name) => leaves(root, `${path}/${name}`));
}

/**
 * Lets paths of the running /etc be as they are by default in a tree. What was changed on this machine stays.
 * @param tree the root of the tree, one of the three
 */
export async function followEtc(trees: EtcTrees, tree: string, paths: readonly string[], signal: AbortSignal) {
  const other = paths.filter((path) => isOurs(path, trees) && !same(join('/', path), join(tree, 'usr', path)));
  const isThere = (path: string) => stat(join(tree, 'usr', path)) !== undefined;
  const put = other.filter(isThere);
  if (put.length > 0)
    await run('cp', ['--archive', '--parents', '--remove-destination', '--target-directory=/', '--', ...put], {
      cwd: join(tree, 'usr'),
      what: 'cannot copy new files of /etc',
      signal,
    });
  for (const path of other.filter((p) => !isThere(p))) drop(path, tree);
}

/** With the directories that were made for it. */
function drop(path: string, tree: string): void {
  const file = join('/', path);
  if (!stat(file)?.isDirectory()) rmSync(file, { force: true });
  let directory = stat(file) === undefined ? dirname(path) : path;
  for (; directory !== 'etc' && stat(join(tree, 'usr', directory)) === undefined; directory = dirname(directory)) {
    if (readdirSync(join('/', directory)).length > 0) return;
    rmdirSync(join('/', directory));
  }
}

/** It is as one of the defaults, or not there and never was by default. */
function isOurs(path: string, { booted, live, target }: EtcTrees): boolean {
  const file = join('/', path);
  if (stat(file) === undefined) return stat(join(booted, 'usr', path)) === undefined;
  return [booted, live, target].some((tree) => same(file, join(tree, 'usr', path)));
}

function same(a: string, b: string): boolean {
  const [one, other] = [stat(a), stat(b)];
  if (one === undefined || other === undefined) return one === other;
  if (one.mode !== other.mode || one.uid !== other.uid || one.gid !== other.gid) return false;
  if (one.isSymbolicLink()) return readlinkSync(a) === readlinkSync(b);
  return one.isFile() ? readFileSync(a).equals(readFileSync(b)) : one.isDirectory();
}

/** A parent that is a file has nothing below it. */
function stat(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
