import { lstatSync, readlinkSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { AotError } from '@apt-ostree/errors';
import { decodeCommit } from './decode-commit.ts';
import { decodeDirtree } from './decode-dirtree.ts';
import type { DirtreeContent } from './objects.ts';
import { readGvariant } from './read-gvariant.ts';
import { objectPath, readObject } from './read-object.ts';

/** As many links as the kernel follows in one path. */
const MOST_LINKS = 40;

export interface OpenTree {
  /** Checksums of the root's dirtree and dirmeta. */
  root: { tree: string; meta: string };
  /** A file's content. */
  read(path: string): Uint8Array | undefined;
  /** The names in a directory; none where there is no directory. */
  list(path: string): string[];
}

/**
 * Reads files of a commit without a process and without a checkout, from a repository of mode `bare` or `archive`; of the
 * other bare modes regular files. Directories that were read are remembered.
 */
export function openTree(repo: string, checksum: string): OpenTree {
  const { tree, meta } = decodeCommit(readObject(repo, checksum, 'commit'));
  const known = new Map<string, DirtreeContent>();
  const directory = (sum: string): DirtreeContent => {
    const content = known.get(sum) ?? decodeDirtree(readObject(repo, sum, 'dirtree'));
    known.set(sum, content);
    return content;
  };
  const find = (path: string) => findBelow(repo, directory, tree, path);
  return {
    root: { tree, meta },
    read(path) {
      const found = find(path);
      return found instanceof Uint8Array ? found : undefined;
    },
    list(path) {
      const found = find(path);
      return found === undefined || found instanceof Uint8Array ? [] : [...found.dirs.keys(), ...found.files.keys()];
    },
  };
}

/** Links are followed within the tree. */
function findBelow(
  repo: string,
  directory: (sum: string) => DirtreeContent,
  root: string,
  path: string,
): Uint8Array | DirtreeContent | undefined {
  let trees = [root];
  const names = split(path);
  for (let links = 0; ; ) {
    const name = names.shift();
    if (name === undefined) return directory(trees.at(-1) as string);
    if (name === '..') {
      if (trees.length > 1) trees.pop();
      continue;
    }
    const here = directory(trees.at(-1) as string);
    const below = here.dirs.get(name);
    if (below) {
      trees.push(below.tree);
      continue;
    }
    const file = here.files.get(name);
    if (file === undefined) return undefined;
    const object = readFileObject(repo, file);
    if (object.target === undefined) return names.length === 0 ? object.content : undefined;
    if (++links > MOST_LINKS) return undefined;
    if (object.target.startsWith('/')) trees = [root];
    names.unshift(...split(object.target));
  }
}

const split = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');

interface FileObject {
  content: Uint8Array;
  /** Of a symbolic link. */
  target: string | undefined;
}

/** The content of a file object, in a repository of any mode that `openTree` reads. */
export function readFileObject(repo: string, sum: string): FileObject {
  const bare = objectPath(repo, sum, 'file');
  const stat = lstatSync(bare, { throwIfNoEntry: false });
  if (stat === undefined) return readArchived(repo, sum);
  if (stat.isSymbolicLink()) return { content: new Uint8Array(0), target: readlinkSync(bare) };
  return { content: readObject(repo, sum, 'file'), target: undefined };
}

/** An archive's file: the length of the header, padding, the header `(tuuuusa(ayay))`, and the content, deflated. */
function readArchived(repo: string, sum: string): FileObject {
  const object = readObject(repo, sum, 'filez');
  try {
    const length = new DataView(object.buffer, object.byteOffset, object.length).getUint32(0);
    const header = readGvariant('(tuuuusa(ayay))', object.subarray(8, 8 + length)) as unknown[];
    const target = header[5] as string;
    if (target !== '') return { content: new Uint8Array(0), target };
    return { content: inflateRawSync(object.subarray(8 + length)), target: undefined };
  } catch (error) {
    throw new AotError('data', `cannot use the object '${sum}' in '${repo}': it is damaged`, { cause: error });
  }
}
