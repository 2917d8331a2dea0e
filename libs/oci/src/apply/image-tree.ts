import type { Metadata } from '@apt-ostree/ostree';
import type { LayerEntry } from './layer-entry.ts';

export interface TreeDirectory {
  type: 'directory';
  metadata: Metadata;
  children: Map<string, TreeNode>;
}

/** Contents are objects of an OSTree repository. */
export type TreeNode =
  | TreeDirectory
  | { type: 'file'; object: string; size: number | undefined }
  | { type: 'symlink'; object: string; target: string };

/** As many links as the kernel follows in one path. */
const MOST_LINKS = 40;

/** Of a directory that no layer describes. */
export const newDirectory = (): TreeDirectory => ({
  type: 'directory',
  metadata: { uid: 0, gid: 0, mode: 0o040755 },
  children: new Map(),
});

/** The tree that the layers of an image make, one over the other; in memory, without a byte of its contents. */
export class ImageTree {
  readonly root: TreeDirectory;

  constructor(root: TreeDirectory = newDirectory()) {
    this.root = root;
  }

  /**
   * Puts a layer over what is there (image specification, "Applying Changesets").
   * @throws Error for a path through what is no directory, and a hard link to what is not there
   */
  apply(layer: readonly LayerEntry[]): void {
    // what a layer takes away is of the layers below, wherever in it that is said; what it links to may be there too
    const targets = layer.map((entry) => (entry.type === 'hardlink' ? this.at(entry.target) : undefined));
    for (const entry of layer) {
      if (entry.type === 'whiteout') this.#parent(entry.path, false)?.children.delete(basename(entry.path));
      else if (entry.type === 'opaque') this.#directory(entry.path, false)?.children.clear();
    }
    for (const [i, entry] of layer.entries()) this.#put(entry, targets[i]);
  }

  /** What is at a path, with links on the way followed within the tree. */
  at(path: string): TreeNode | undefined {
    return path === '' ? this.root : this.#parent(path, false)?.children.get(basename(path));
  }

  /** The file at a path, also through a link that stands there itself. */
  file(path: string): (TreeNode & { type: 'file' }) | undefined {
    for (let links = 0, at = path; links < MOST_LINKS; links++) {
      const node = this.at(at);
      if (node?.type === 'file') return node;
      if (node?.type !== 'symlink') return undefined;
      at = node.target.startsWith('/') ? node.target : `${parentPath(at)}/${node.target}`;
    }
    return undefined;
  }

  #put(entry: LayerEntry, below: TreeNode | undefined): void {
    if (entry.type === 'whiteout' || entry.type === 'opaque') return;
    if (entry.path === '') {
      if (entry.type === 'directory') this.root.metadata = entry.metadata;
      return;
    }
    const { children } = this.#parent(entry.path, true) as TreeDirectory;
    const name = basename(entry.path);
    const there = children.get(name);
    if (entry.type !== 'directory') children.set(name, this.#leaf(entry, below));
    else if (there?.type === 'directory') there.metadata = entry.metadata;
    else children.set(name, { type: 'directory', metadata: entry.metadata, children: new Map() });
  }

  #leaf(entry: LayerEntry & { type: 'file' | 'symlink' | 'hardlink' }, below: TreeNode | undefined): TreeNode {
    if (entry.type === 'file') return { type: 'file', object: entry.object, size: entry.size };
    if (entry.type === 'symlink') return { type: 'symlink', object: entry.object, target: entry.target };
    const target = this.at(entry.target) ?? below;
    if (target === undefined || target.type === 'directory')
      throw new Error(
        `its member '/${entry.path}' is a hard link to '/${entry.target}', which is ${target ? 'a directory' : 'not there'}`,
      );
    return target;
  }

  #parent(path: string, make: boolean): TreeDirectory | undefined {
    return this.#directory(parentPath(path), make);
  }

  /** Follows links, which cannot lead above the root; with `make` what is missing is made. */
  #directory(path: string, make: boolean): TreeDirectory | undefined {
    let stack = [this.root];
    const names = split(path);
    for (let links = 0; ; ) {
      const name = names.shift();
      const here = stack.at(-1) as TreeDirectory;
      if (name === undefined) return here;
      if (name === '..') {
        if (stack.length > 1) stack.pop();
        continue;
      }
      const next = here.children.get(name) ?? (make ? addDirectory(here, name) : undefined);
      if (next === undefined) return undefined;
      if (next.type === 'directory') stack.push(next);
      else if (next.type === 'symlink' && ++links <= MOST_LINKS) {
        if (next.target.startsWith('/')) stack = [this.root];
        names.unshift(...split(next.target));
      } else if (make) throw new Error(`it has a path through '/${path}', where '${name}' is no directory`);
      else return undefined;
    }
  }
}

function addDirectory(here: TreeDirectory, name: string): TreeDirectory {
  const made = newDirectory();
  here.children.set(name, made);
  return made;
}

const split = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');
const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const parentPath = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
