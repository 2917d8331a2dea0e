import {
  type BareRepo,
  decodeCommit,
  decodeDirtree,
  FileObjects,
  listTree,
  readDirmeta,
  readObject,
  type Xattr,
} from '@apt-ostree/ostree';
import { COMPONENT, type Components } from './components.ts';

/**
 * The same tree without the attribute that names components, as a new commit: it is of the build, and images have none of it.
 * @param components of the commit; everything else stays as it is
 */
export async function withoutComponents(repo: BareRepo, commit: string, components: Components): Promise<string> {
  const { tree, meta, timestamp } = decodeCommit(readObject(repo.path, commit, 'commit'));
  const entries = listTree(repo.path, commit);
  const objects = new FileObjects(repo.path);
  await objects.prepare(entries.flatMap((e) => (e.type === 'file' && components.has(e.path) ? [e.object] : [])));
  const root = await new Rewriter(repo, objects, components).directory({ tree, meta }, '');
  await repo.settle();
  return repo.commit({ subject: '', timestamp, ...root });
}

interface Directory {
  tree: string;
  meta: string;
}

class Rewriter {
  readonly #repo: BareRepo;
  readonly #objects: FileObjects;
  readonly #components: Components;
  /** Directories that have something to change in them. */
  readonly #leading: ReadonlySet<string>;

  constructor(repo: BareRepo, objects: FileObjects, components: Components) {
    this.#repo = repo;
    this.#objects = objects;
    this.#components = components;
    this.#leading = new Set([...components.keys()].flatMap(waysTo));
  }

  async directory({ tree, meta }: Directory, path: string): Promise<Directory> {
    if (!this.#leading.has(path)) return { tree, meta };
    const before = decodeDirtree(readObject(this.#repo.path, tree, 'dirtree'));
    const [files, dirs] = [new Map(before.files), new Map(before.dirs)];
    const below = (name: string) => (path === '' ? name : `${path}/${name}`);
    for (const [name, object] of files)
      if (this.#components.has(below(name))) files.set(name, await this.#file(object));
    for (const [name, directory] of dirs) dirs.set(name, await this.directory(directory, below(name)));
    return { tree: this.#repo.dirtree({ files, dirs }), meta: this.#metadata(meta) };
  }

  #metadata(meta: string): string {
    const { xattrs, ...rest } = readDirmeta(this.#repo.path, meta);
    return this.#repo.dirmeta({ ...rest, ...kept(xattrs) });
  }

  /** A link has no attributes of users. */
  async #file(object: string): Promise<string> {
    const { uid, gid, mode, xattrs, size, content } = this.#objects.read(object);
    if (!xattrs.some(([name]) => name === COMPONENT)) return object;
    const writer = this.#repo.content({ uid, gid, mode, ...kept(xattrs) }, size);
    for await (const chunk of content()) writer.write(Buffer.from(chunk));
    return writer.finish();
  }
}

const kept = (xattrs: readonly Xattr[]): { xattrs?: Xattr[] } => {
  const others = xattrs.filter(([name]) => name !== COMPONENT);
  return others.length === 0 ? {} : { xattrs: others };
};

/** A path, and the directories that lead to it. */
function waysTo(path: string): string[] {
  const names = path === '' ? [] : path.split('/');
  return Array.from({ length: names.length + 1 }, (_, i) => names.slice(0, i).join('/'));
}
