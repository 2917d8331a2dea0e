import { lstatSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import type { Deployment, Sysroot } from '@apt-ostree/host';
import { temporaryDirectory } from '@apt-ostree/run';
import { concernedEtc, followEtc } from './etc.ts';
import { type LiveState, writeLive } from './state.ts';
import { usrDifference } from './tree-difference.ts';
import { openWritableView, type WritableView } from './writable-view.ts';
import { dropPaths, likeIn, putPaths, sweepStaging } from './write-tree.ts';

export interface Wanted {
  sysroot: Sysroot;
  booted: Deployment;
  before: LiveState;
  target: string;
  /** Also other files of /etc than new ones. */
  replace: boolean;
}

/**
 * Makes /usr and /etc of the running system those of a commit, from whatever an earlier run left: all is decided by what
 * differs from the booted commit, and written down before anything is touched.
 */
export async function bringAbout(wanted: Wanted, context: Context): Promise<void> {
  const { sysroot, booted, before, target, replace } = wanted;
  const difference = usrDifference(sysroot.repo, booted.checksum, target);
  const { added, changed, changedDirectories, removed } = difference;
  const now = { paths: [...added, ...changed, ...removed], directories: changedDirectories };
  const view = await openWritableView();
  try {
    sweepStaging(view.root);
    await withTree(wanted, view, async (root) => {
      const trees = { booted: join(view.root, 'sysroot', booted.path), live: '/', target: root };
      const etc = concernedEtc(trees, difference, replace);
      writeLive({ ...before, ...union(before, { ...now, etc }), inProgress: target });
      await followEtc(trees, root, etc, context.signal);
      await followEtc(trees, trees.booted, without(before.etc, etc), context.signal);
      await restore(trees.booted, view.root, before, now, context.signal);
      dropPaths(view.root, removed);
      await putPaths(root, view.root, [...added, ...changed], context.signal);
      likeIn(root, view.root, changedDirectories);
      writeLive({ deployment: booted.id, commit: target, ...now, etc });
    });
  } finally {
    await view.close();
  }
}

type Lists = Pick<LiveState, 'paths' | 'directories' | 'etc'>;

const union = (a: Lists, b: Lists): Lists => ({
  paths: [...new Set([...a.paths, ...b.paths])],
  directories: [...new Set([...a.directories, ...b.directories])],
  etc: [...new Set([...a.etc, ...b.etc])],
});

const without = (list: readonly string[], others: readonly string[]): string[] => {
  const set = new Set(others);
  return list.filter((path) => !set.has(path));
};

/** What an earlier run changed and this one does not is as it was booted again. */
async function restore(
  from: string,
  to: string,
  before: LiveState,
  now: Omit<Lists, 'etc'>,
  signal: AbortSignal,
): Promise<void> {
  const old = without(before.paths, now.paths);
  const isThere = (path: string) => lstatSync(join(from, path), { throwIfNoEntry: false }) !== undefined;
  const back = old.filter(isThere);
  await putPaths(from, to, back, signal);
  dropPaths(to, without(old, back));
  likeIn(from, to, without(before.directories, now.directories));
}

/** The tree of the commit: of a deployment that has it, else checked out. */
async function withTree(
  { sysroot, target }: Wanted,
  view: WritableView,
  work: (root: string) => Promise<void>,
): Promise<void> {
  const deployed = sysroot.deployments.find((d) => d.checksum === target);
  if (deployed !== undefined) return work(join(view.root, 'sysroot', deployed.path));
  const scratch = await temporaryDirectory(join(view.root, 'sysroot/ostree/repo/tmp')); // for hard links
  try {
    const inside = join('/', relative(view.root, scratch.path), 'tree');
    await view.run(['ostree', 'checkout', '--repo=/sysroot/ostree/repo', '-H', target, inside], {
      what: `cannot check out commit '${target}'`,
    });
    await work(join(scratch.path, 'tree'));
  } finally {
    await scratch.remove();
  }
}
