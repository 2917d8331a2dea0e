import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import type { BareRepo } from './bare-repo.ts';
import { fileChunks } from './file-chunks.ts';
import { getXattrs } from './get-xattrs.ts';
import { KnownInodes } from './known-inodes.ts';
import { fileHash, type Metadata, type Xattr } from './objects.ts';
import { roomIn } from './room.ts';

/** The root of a tree in a repository: its dirtree and dirmeta. */
export interface Root {
  tree: string;
  meta: string;
}

/** Objects of a tree that was written: all, and those that were not there; files that need not be read are hits alone. */
export type TreeStats = {
  metadataTotal: number;
  metadataWritten: number;
  contentTotal: number;
  contentWritten: number;
  contentBytesWritten: number;
  cacheHits: number;
};

/**
 * Writes a directory into a repository of mode `bare`, as `ostree commit --devino-canonical --fsync=0` does: files that
 * are hard links to its objects are not read. An object that is there, but is not what it must be (a directory) or not as
 * long (a file), is written anew.
 * @returns the root, what was written, and the sizes of all files by their objects
 * @param adopt files that the repository does not have become its objects by hard link and lose their time, so that the
 * next tree that is made of them need not read them; otherwise they are copied
 * @throws AotError `data` for what is no directory, file or symbolic link, `io` where the repository would leave less free
 * than its configuration says
 */
export async function writeTree(
  repo: BareRepo,
  directory: string,
  { adopt, signal }: { adopt: boolean; signal?: AbortSignal | undefined },
): Promise<{ root: Root; stats: TreeStats; sizes: ReadonlyMap<string, number> }> {
  const known = new KnownInodes(repo.path);
  const top = look(directory, lstatSync(directory), known);
  requireRoom(repo.path, newBytes(top), adopt);
  const xattrs = await getXattrs([...unread(top)]);
  signal?.throwIfAborted();
  const before = { ...repo.written };
  const writer = new TreeWriter(repo, known, xattrs, adopt);
  const root = writer.directory(top);
  await repo.settle();
  return { root, sizes: writer.sizes, stats: { ...writer.counts, ...difference(repo.written, before) } };
}

const difference = (after: BareRepo['written'], before: BareRepo['written']) => ({
  metadataWritten: after.metadata - before.metadata,
  contentWritten: after.content - before.content,
  contentBytesWritten: after.contentBytes - before.contentBytes,
});

interface Node {
  path: string;
  stat: Stats;
  /** Of a file that need not be read. */
  object?: string | undefined;
  /** Of a directory. */
  members?: Map<string, Node>;
}

function look(path: string, stat: Stats, known: KnownInodes): Node {
  if (!stat.isDirectory()) return { path, stat, object: known.get(stat) };
  const members = new Map<string, Node>();
  for (const name of readdirSync(path)) {
    const below = `${path}/${name}`;
    members.set(name, look(below, lstatSync(below), known));
  }
  return { path, stat, members };
}

/** What was adopted has its place already. */
function requireRoom(repo: string, bytes: number, adopt: boolean): void {
  const room = roomIn(repo);
  if (adopt ? bytes === 0 || room > 0 : bytes <= room) return;
  throw new AotError(
    'io',
    `cannot write to the repository '${repo}': less than core.min-free-space would be left free`,
    {
      hint: 'free some space and run the command again',
    },
  );
}

function newBytes({ stat, object, members }: Node): number {
  let bytes = object === undefined && stat.isFile() ? stat.size : 0;
  for (const member of members?.values() ?? []) bytes += newBytes(member);
  return bytes;
}

/** The paths that have to be asked for their extended attributes. */
function* unread({ path, object, members }: Node): Generator<string> {
  if (object === undefined) yield path;
  for (const member of members?.values() ?? []) yield* unread(member);
}

class TreeWriter {
  readonly counts = { metadataTotal: 0, contentTotal: 0, cacheHits: 0 };
  /** Of the files, by their objects. */
  readonly sizes = new Map<string, number>();
  readonly #repo: BareRepo;
  readonly #known: KnownInodes;
  readonly #xattrs: ReadonlyMap<string, Xattr[]>;
  readonly #adopt: boolean;

  constructor(repo: BareRepo, known: KnownInodes, xattrs: ReadonlyMap<string, Xattr[]>, adopt: boolean) {
    this.#repo = repo;
    this.#known = known;
    this.#xattrs = xattrs;
    this.#adopt = adopt;
  }

  directory(node: Node): Root {
    const files = new Map<string, string>();
    const dirs = new Map<string, Root>();
    for (const [name, member] of node.members ?? []) {
      if (member.members === undefined) files.set(name, this.#file(member));
      else dirs.set(name, this.directory(member));
    }
    this.counts.metadataTotal += 2;
    return { tree: this.#repo.dirtree({ files, dirs }), meta: this.#repo.dirmeta(this.#metadata(node)) };
  }

  #file(node: Node): string {
    const object = this.#object(node);
    if (node.stat.isFile()) this.sizes.set(object, node.stat.size);
    return object;
  }

  #object(node: Node): string {
    const known = node.object ?? this.#known.get(node.stat);
    if (known !== undefined) {
      this.counts.cacheHits++;
      return known;
    }
    this.counts.contentTotal++;
    const object = this.#write(node, this.#metadata(node));
    if (node.stat.size > 0) this.#known.add(node.stat, object);
    return object;
  }

  #write({ path, stat }: Node, metadata: Metadata): string {
    if (stat.isSymbolicLink()) return this.#repo.symlink(metadata, readlinkSync(path));
    if (!stat.isFile()) throw new AotError('data', `cannot write '${path}': it is no file, link or directory`);
    return (
      (this.#adopt && stat.size > 0 && this.#adopted(path, stat.size, metadata)) || this.#copied(path, stat, metadata)
    );
  }

  /** An empty file is never adopted: one object would stand for all of them. */
  #adopted(path: string, size: number, metadata: Metadata): string | undefined {
    const hash = fileHash(metadata);
    for (const chunk of fileChunks(path)) hash.update(chunk);
    const object = hash.digest('hex');
    return this.#repo.hasFile(object, size) || this.#repo.adopt(path, object, size) ? object : undefined;
  }

  #copied(path: string, { size }: Stats, metadata: Metadata): string {
    const content = this.#repo.content(metadata, size);
    try {
      for (const chunk of fileChunks(path)) content.write(Buffer.from(chunk)); // which is good until the next one
      return content.finish();
    } catch (error) {
      content.abort();
      throw error;
    }
  }

  /** libostree does not see attributes that have no value. */
  #metadata({ path, stat: { uid, gid, mode } }: Node): Metadata {
    const xattrs = this.#xattrs.get(path)?.filter(([, value]) => value.length > 0);
    return { uid, gid, mode, xattrs };
  }
}
