import { AotError } from '@apt-ostree/errors';
import type { Entry } from '../deb/listing.ts';
import { type DirectoryNode, type LeafNode, newDirectory } from './nodes.ts';
import { type Claimant, doesReplace } from './replaces.ts';

type Leaf = LeafNode['entry'];

/** Symbolic links followed for one path; Linux has the same limit. */
const MAX_LINKS = 40;

/**
 * The tree that several packages make together, in memory. Packages are added in the order in which dpkg would unpack
 * them, and its rules hold: the first package to ship a directory decides its owner and mode, Replaces decides over
 * files, and a link to a directory that is there already is a directory to those who come later.
 */
export class Union {
  readonly root: DirectoryNode = newDirectory(undefined);
  readonly #replaced = new Map<Claimant, Set<string>>();
  readonly #cache = new Map<string, DirectoryNode>([['', this.root]]);

  /** @throws AotError `failed` for two packages that ship one path without a rule that decides */
  add(owner: Claimant, entries: Iterable<Entry>): void {
    for (const entry of entries) {
      if (entry.path === '') continue; // the root directory is always 0755 root:root
      if (entry.type === 'directory') this.#addDirectory(owner, entry);
      else this.#addLeaf(owner, entry);
    }
  }

  /** Paths that a package has lost to one that replaces it, with conffiles under their final name: not in its .list. */
  replaced(owner: Claimant): ReadonlySet<string> {
    return this.#replaced.get(owner) ?? new Set();
  }

  #addDirectory(owner: Claimant, { path, mode, uid, gid }: Entry): void {
    const [parent, name] = this.#place(owner, path);
    const there = parent.children.get(name);
    if (there === undefined) parent.children.set(name, newDirectory(parent, mode, uid, gid));
    else if (there.type !== 'directory') this.#directory(owner, path); // a link to a directory will do
  }

  #addLeaf(owner: Claimant, entry: Leaf): void {
    const [parent, name] = this.#place(owner, entry.path);
    const there = parent.children.get(name);
    if (there === undefined) parent.children.set(name, { type: entry.type, entry, owners: [owner] });
    else if (there.type === 'directory') this.#overDirectory(owner, entry, parent, there);
    else this.#conflict(owner, entry, there);
  }

  /** dpkg keeps a directory where a package ships a link to that very directory. */
  #overDirectory(owner: Claimant, entry: Leaf, parent: DirectoryNode, there: DirectoryNode): void {
    if (entry.type === 'symlink' && this.#walk(owner, parent, entry.target, MAX_LINKS) === there) return;
    throw new AotError('failed', `cannot unpack '${idOf(owner)}': '/${entry.path}' is a directory of another package`, {
      code: 'file-conflict',
    });
  }

  #conflict(owner: Claimant, entry: Leaf, there: LeafNode): void {
    const rival = there.owners.find((other) => other !== owner);
    if (rival === undefined) throw conflict(owner, owner, entry.path);
    if (mayShare(owner, rival)) {
      if (!sameLeaf(entry, there.entry)) throw conflict(owner, rival, entry.path, ', with another content');
      there.owners.push(owner);
    } else if (doesReplace(owner, rival)) {
      for (const loser of there.owners) this.#takeAway(loser, entry.path);
      Object.assign(there, { type: entry.type, entry, owners: [owner] });
    } else if (doesReplace(rival, owner)) this.#takeAway(owner, entry.path);
    else throw conflict(owner, rival, entry.path);
  }

  #takeAway(loser: Claimant, path: string): void {
    const paths = this.#replaced.get(loser) ?? new Set();
    this.#replaced.set(loser, paths.add(path.replace(/\.dpkg-new$/, '')));
  }

  /** The directory that holds a path, and the name in it. */
  #place(owner: Claimant, path: string): [DirectoryNode, string] {
    const slash = path.lastIndexOf('/');
    return [this.#directory(owner, slash < 0 ? '' : path.slice(0, slash)), path.slice(slash + 1)];
  }

  #directory(owner: Claimant, path: string): DirectoryNode {
    const cached = this.#cache.get(path);
    if (cached) return cached;
    const [parent, name] = this.#place(owner, path);
    const found = this.#step(owner, parent, name, MAX_LINKS);
    this.#cache.set(path, found);
    return found;
  }

  /** Enters a directory, through links within the tree; what nobody shipped is made as `mkdir -p` would. */
  #step(owner: Claimant, from: DirectoryNode, name: string, links: number): DirectoryNode {
    const there = from.children.get(name);
    if (there?.type === 'directory') return there;
    if (there === undefined) {
      const made = newDirectory(from);
      from.children.set(name, made);
      return made;
    }
    if (there.entry.type === 'symlink' && links > 0) return this.#walk(owner, from, there.entry.target, links - 1);
    throw new AotError(
      'failed',
      `cannot unpack '${idOf(owner)}': it needs '/${there.entry.path}' to be a directory, which is a file of '${there.owners.map(idOf).join("', '")}'`,
      { code: 'file-conflict' },
    );
  }

  #walk(owner: Claimant, from: DirectoryNode, target: string, links: number): DirectoryNode {
    let at = target.startsWith('/') ? this.root : from;
    for (const part of target.split('/')) {
      if (part === '' || part === '.') continue;
      at = part === '..' ? (at.parent ?? this.root) : this.#step(owner, at, part, links);
    }
    return at;
  }
}

const idOf = (c: Claimant): string => `${c.name}:${c.architecture}`;

const mayShare = (a: Claimant, b: Claimant): boolean =>
  a.name === b.name && a.multiArch === 'same' && b.multiArch === 'same';

const sameLeaf = (a: Leaf, b: Leaf): boolean => a.type === b.type && a.object === b.object;

const conflict = (a: Claimant, b: Claimant, path: string, how = ''): AotError =>
  new AotError('failed', `cannot unpack '${idOf(a)}': '/${path}' is also in package '${idOf(b)}'${how}`, {
    code: 'file-conflict',
    hint: 'leave one of the two packages out',
  });
