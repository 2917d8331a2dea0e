import { createHash } from 'node:crypto';
import { constants, copyFileSync, linkSync, lstatSync, readFileSync, readlinkSync, utimesSync } from 'node:fs';
import type { Tree } from '@apt-ostree/ostree';

/** Names a view by all that can decide what is made of it: `more`, and of each path its kind, mode, owner and content. */
export function viewDigest(tree: Tree, view: readonly string[], more: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(more));
  for (const path of view) {
    const file = place(tree, path);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    hash.update(`\0${path}\0${stat.mode}:${stat.uid}:${stat.gid}:${stat.isFile() ? stat.size : 0}\0`);
    if (stat.isSymbolicLink()) hash.update(readlinkSync(file));
    else if (stat.isFile()) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Makes a tree of its own of a view, with the mount points of the sandbox. All its times are 0: files that have it are
 * linked, others copied, since programs put times into what they make.
 */
export function copyView(from: Tree, to: Tree, view: readonly string[]): void {
  for (const path of view) {
    const stat = lstatSync(place(from, path), { throwIfNoEntry: false });
    if (stat === undefined || path === 'root') continue; // in a tree that starts from a deployable one it is a link
    if (stat.isDirectory()) to.mkdir(path, { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid });
    else if (stat.isSymbolicLink()) to.symlink(from.readLink(path), path);
    else if (stat.mtimeMs === 0 && link(place(from, path), place(to, path))) continue;
    else copy(from, to, path);
  }
  for (const directory of ['dev', 'proc', 'root', 'run', 'sys', 'tmp', 'var/tmp', 'etc']) to.mkdir(directory);
  to.symlink('../run', 'var/run');
}

/** Where a path of a view is: it has no links among its parents, so thousands need not be resolved again. */
const place = (tree: Tree, path: string): string => `${tree.root}/${path}`;

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function copy(from: Tree, to: Tree, path: string): void {
  const target = to.at(path);
  copyFileSync(from.at(path), target, constants.COPYFILE_EXCL); // never onto a hardlink
  to.adopt(path, from.lstat(path)!);
  utimesSync(target, 0, 0);
}
