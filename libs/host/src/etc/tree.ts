import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import {
  checksum,
  type DirtreeContent,
  decodeDirtree,
  encodeDirmeta,
  encodeDirtree,
  fileHash,
} from '@apt-ostree/ostree';

export type Kind = 'file' | 'link' | 'directory' | 'special';

export interface Entry {
  kind: Kind;
  /** Its checksum as OSTree has it: owner, mode and content; of a directory only the former. Extended attributes aside. */
  id: string;
}

/** An /etc, by paths below it. */
export interface EtcTree {
  look(path: string): Entry | undefined;
  /** As `look`, where the id of a directory stands for all that is in it. */
  whole(path: string): Entry | undefined;
  /** Of a link. */
  target(path: string): string;
}

/** One that is on disk. */
export function directoryTree(top: string): EtcTree {
  const stat = (path: string): Stats | undefined => {
    const parent = dirname(path);
    // a link on the way is not followed
    if (parent !== '.' && !stat(parent)?.isDirectory()) return undefined;
    return lstatSync(join(top, path), { throwIfNoEntry: false });
  };
  const look = (path: string) => {
    const found = reading(join(top, path), () => stat(path));
    return found && entryOf(join(top, path), found);
  };
  return {
    look,
    whole(path) {
      const entry = look(path);
      return entry?.kind === 'directory' ? { ...entry, id: `${dirtree(join(top, path))} ${entry.id}` } : entry;
    },
    target: (path) => readlinkSync(join(top, path)),
  };
}

/** What is there, from its stat. */
export function entryOf(path: string, stat: Stats): Entry {
  if (stat.isDirectory()) return { kind: 'directory', id: checksum(encodeDirmeta(stat)) };
  if (stat.isFile())
    return { kind: 'file', id: reading(path, () => fileHash(stat).update(readFileSync(path)).digest('hex')) };
  if (stat.isSymbolicLink())
    return { kind: 'link', id: reading(path, () => fileHash(stat, readlinkSync(path)).digest('hex')) };
  return { kind: 'special', id: `${stat.mode}` };
}

function dirtree(directory: string): string {
  const files = new Map<string, string>();
  const dirs = new Map<string, { tree: string; meta: string }>();
  for (const name of reading(directory, () => readdirSync(directory))) {
    const path = join(directory, name);
    const { kind, id } = entryOf(
      path,
      reading(path, () => lstatSync(path)),
    );
    if (kind === 'directory') dirs.set(name, { tree: dirtree(path), meta: id });
    else files.set(name, id.padStart(64, '0'));
  }
  return checksum(encodeDirtree({ files, dirs }));
}

export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw explain(error, `cannot read '${path}'`);
  }
}

/**
 * The /usr/etc of a commit: nothing but directories is read, no file.
 * @param root the commit's dirtree
 */
export function committedTree(repo: string, root: string): EtcTree {
  const read = (tree: string): DirtreeContent => {
    const file = join(repo, 'objects', tree.slice(0, 2), `${tree.slice(2)}.dirtree`);
    return decodeDirtree(reading(file, () => readFileSync(file)));
  };
  const known = new Map<string, DirtreeContent>();
  const cached = (tree: string) => {
    const content = known.get(tree) ?? read(tree);
    known.set(tree, content);
    return content;
  };
  const etc = cached(root).dirs.get('usr');
  const top = etc && cached(etc.tree).dirs.get('etc');
  if (top === undefined) throw new AotError('data', `cannot find /usr/etc in the tree '${root}' of '${repo}'`);
  const find = (path: string): { file: string } | { tree: string; meta: string } | undefined => {
    let at = top;
    const names = path.split('/');
    for (const [i, name] of names.entries()) {
      const content = cached(at.tree);
      const next = content.dirs.get(name);
      const file = i === names.length - 1 ? content.files.get(name) : undefined;
      if (file !== undefined) return { file };
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  };
  const entry = (path: string, id: (dir: { tree: string; meta: string }) => string): Entry | undefined => {
    const found = find(path);
    if (found === undefined) return undefined;
    return 'file' in found ? { kind: kindOf(repo, found.file), id: found.file } : { kind: 'directory', id: id(found) };
  };
  return {
    look: (path) => entry(path, (dir) => dir.meta),
    whole: (path) => entry(path, (dir) => `${dir.tree} ${dir.meta}`),
    target: (path) => readlinkSync(objectFile(repo, entry(path, () => '')?.id ?? '')),
  };
}

const objectFile = (repo: string, id: string): string => join(repo, 'objects', id.slice(0, 2), `${id.slice(2)}.file`);

/** In a repository of mode bare, which a sysroot has, a link is a link. */
const kindOf = (repo: string, id: string): Kind =>
  lstatSync(objectFile(repo, id), { throwIfNoEntry: false })?.isSymbolicLink() ? 'link' : 'file';
