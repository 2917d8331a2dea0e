import { AotError } from '@apt-ostree/errors';
import { decodeCommit } from './decode-commit.ts';
import { decodeDirtree } from './decode-dirtree.ts';
import { byteOrder, type Metadata, checksum as sha256, type Xattr } from './objects.ts';
import { readGvariant } from './read-gvariant.ts';
import { readObject } from './read-object.ts';

/** One name of a commit's tree. Paths have no leading slash; the root's is empty. */
export type ListedEntry =
  | { type: 'directory'; path: string; meta: string; tree: string }
  | { type: 'file'; path: string; object: string };

/** What OSTree keeps of a directory. */
export interface DirectoryMetadata extends Metadata {
  xattrs: Xattr[];
}

/**
 * Lists a commit's tree without a process, from a repository of any mode; parents before their children, names in byte
 * order. Files are named by their objects, which are not read.
 * @throws AotError `noInput` when an object is not there, `data` when one is damaged
 */
export function listTree(repo: string, commit: string): ListedEntry[] {
  const { tree, meta } = decodeCommit(readChecked(repo, commit, 'commit'));
  const entries: ListedEntry[] = [];
  const add = (path: string, sum: string, dirmeta: string): void => {
    entries.push({ type: 'directory', path, meta: dirmeta, tree: sum });
    const { files, dirs } = decodeDirtree(readChecked(repo, sum, 'dirtree'));
    const below = (name: string) => (path === '' ? name : `${path}/${name}`);
    for (const name of [...files.keys(), ...dirs.keys()].sort(byteOrder)) {
      checkName(name, repo, sum);
      const directory = dirs.get(name);
      if (directory) add(below(name), directory.tree, directory.meta);
      else entries.push({ type: 'file', path: below(name), object: files.get(name) as string });
    }
  };
  add('', tree, meta);
  return entries;
}

/** Reads a dirmeta object, `(uuua(ayay))`. */
export function readDirmeta(repo: string, sum: string): DirectoryMetadata {
  const object = readChecked(repo, sum, 'dirmeta');
  const [uid, gid, mode] = [0, 4, 8].map((at) => Buffer.from(object).readUInt32BE(at)) as [number, number, number];
  const [, , , xattrs] = readGvariant('(uuua(ayay))', object) as [number, number, number, RawXattrs];
  return { uid, gid, mode, xattrs: readXattrs(xattrs) };
}

export type RawXattrs = [name: Uint8Array, value: Uint8Array][];

/** Names lose the zero at their end. */
export const readXattrs = (raw: RawXattrs): Xattr[] =>
  raw.map(([name, value]) => [Buffer.from(name.subarray(0, -1)).toString('utf8'), value]);

/** A metadata object whose bytes are what its name says. */
function readChecked(repo: string, sum: string, type: 'commit' | 'dirtree' | 'dirmeta'): Uint8Array {
  const object = readObject(repo, sum, type);
  if (sha256(object) === sum) return object;
  throw damagedObject(repo, sum);
}

function checkName(name: string, repo: string, tree: string): void {
  if (name !== '' && name !== '.' && name !== '..' && !name.includes('/')) return;
  throw new AotError('data', `cannot use the directory '${tree}' in '${repo}': it has a member named '${name}'`);
}

export const damagedObject = (repo: string, sum: string): AotError =>
  new AotError('data', `cannot use the object '${sum}' in '${repo}': it is damaged`, {
    hint: "see 'ostree fsck'; removing it and pulling it again mends it",
  });
