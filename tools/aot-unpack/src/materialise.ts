import {
  chmodSync,
  chownSync,
  closeSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import type { Progress } from '@apt-ostree/cli';
import type { DirectoryNode, LeafNode } from '@apt-ostree/dpkg';
import type { BareRepo } from '@apt-ostree/ostree';
import { copyObject } from './copy-object.ts';
import { DamagedObject } from './damaged.ts';

/**
 * Makes a tree on disk: files are hard links to the objects of the cache, so that they carry true owners and modes and
 * cost no copy. Empty files are made anew: an object of no content would soon have as many links as a file
 * system allows, and writing to one such file would change all of them.
 * @param path of the root, which is not there yet
 * @throws DamagedObject when the cache lacks a file or has it with another size
 */
export function materialise(root: DirectoryNode, repo: BareRepo, path: string, progress: Progress): void {
  const phase = progress.phase('assemble', count(root));
  mkdirSync(path, 0o700);
  fill(root, path);
  phase.end();

  function fill(node: DirectoryNode, at: string): void {
    for (const [name, child] of node.children) {
      const where = `${at}/${name}`;
      if (child.type === 'directory') {
        mkdirSync(where, 0o700);
        fill(child, where);
      } else makeLeaf(repo, child.entry, where);
    }
    phase.add(node.children.size);
    if (node.uid !== 0 || node.gid !== 0) chownSync(at, node.uid, node.gid);
    chmodSync(at, node.mode & 0o7777);
    utimesSync(at, 0, 0); // as in an ostree checkout: caches that scripts make of it do not depend on now
  }
}

/** Makes a file or a link of a package at its place, which is free. */
export function makeLeaf(repo: BareRepo, entry: LeafNode['entry'], where: string): void {
  if (entry.type === 'symlink') linkSymlink(repo.objectPath(entry.object, 'file'), entry, where);
  else if (entry.size === 0) makeEmpty(entry, where);
  else linkObject(repo.objectPath(entry.object, 'file'), entry.size, where);
}

function count(node: DirectoryNode): number {
  let sum = node.children.size;
  for (const child of node.children.values()) if (child.type === 'directory') sum += count(child);
  return sum;
}

function makeEmpty({ uid, gid, mode }: LeafNode['entry'], where: string): void {
  closeSync(openSync(where, 'wx', 0o600));
  if (uid !== 0 || gid !== 0) chownSync(where, uid, gid);
  chmodSync(where, mode & 0o7777);
  utimesSync(where, 0, 0);
}

/** A symbolic link is linked like a file: that is cheaper than a new inode. link(2) does not follow it. */
function linkSymlink(object: string, entry: LeafNode['entry'] & { type: 'symlink' }, where: string): void {
  try {
    linkSync(object, where);
  } catch {
    symlinkSync(entry.target, where);
    if (entry.uid !== 0 || entry.gid !== 0) lchownSync(where, entry.uid, entry.gid);
  }
}

function linkObject(object: string, size: number, where: string): void {
  try {
    linkSync(object, where);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EXDEV' || code === 'EMLINK') copyObject(object, where);
    else if (code === 'ENOENT') throw new DamagedObject(object);
    else throw error;
  }
  // objects are never synced, so a power failure may leave them short
  if (statSync(where).size !== size) throw new DamagedObject(object);
}
