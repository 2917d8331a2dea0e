import { followLinks } from '@apt-ostree/ostree';

/** What is at a path, without its name. */
export interface Node {
  type: 'file' | 'directory' | 'link' | 'block' | 'char' | 'fifo' | 'socket';
  /** Permission bits. */
  mode: number;
  /** Bytes of a file. */
  size: number;
  /** Of a link. */
  target?: string;
  /** Another file system begins here: what is in it is not the tree's. */
  mount?: boolean;
  /** The bytes of a file. */
  read?(): Uint8Array;
}

/**
 * A tree that is only looked at, wherever it comes from. Paths have no leading slash; links on the way are followed within
 * the tree, as a chroot would, so that none leads out of it.
 */
export class LintTree {
  /** Paths and targets of links that are not UTF-8, as far as they can be shown. */
  readonly notUtf8: readonly string[];
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #children = new Map<string, string[]>();

  /** @param nodes by path, parents before their children; the root itself is not among them */
  constructor(nodes: ReadonlyMap<string, Node>, notUtf8: readonly string[] = []) {
    this.#nodes = nodes;
    this.notUtf8 = notUtf8;
    for (const path of nodes.keys()) {
      const parent = parentOf(path);
      const names = this.#children.get(parent);
      if (names) names.push(nameOf(path));
      else this.#children.set(parent, [nameOf(path)]);
    }
    for (const names of this.#children.values()) names.sort();
  }

  /** What is at a path; a link that stands there itself is not followed. */
  at(path: string): Node | undefined {
    const place = this.resolve(path, false);
    return place === undefined ? undefined : this.#nodes.get(place);
  }

  isDirectory(path: string): boolean {
    return this.at(path)?.type === 'directory';
  }

  /** The names in a directory, sorted; none when it is not one, not the tree's, or not there. */
  list(path: string): string[] {
    const place = this.resolve(path, true);
    return (place === undefined ? undefined : this.#children.get(place)) ?? [];
  }

  /** The bytes of a file, links followed; undefined when there is none. */
  bytes(path: string): Uint8Array | undefined {
    const place = this.resolve(path, true);
    return place === undefined ? undefined : this.#nodes.get(place)?.read?.();
  }

  text(path: string): string | undefined {
    const bytes = this.bytes(path);
    return bytes && Buffer.from(bytes).toString('utf8');
  }

  /** Everything below a directory, parents first. */
  *walk(path = ''): Generator<[path: string, node: Node]> {
    for (const name of this.#children.get(path) ?? []) {
      const child = path === '' ? name : `${path}/${name}`;
      yield [child, this.#nodes.get(child) as Node];
      yield* this.walk(child);
    }
  }

  /** The path with its links followed; undefined where they go round in circles or a part is missing. */
  resolve(path: string, last: boolean): string | undefined {
    return followLinks(path, last, (at) => {
      const node = this.#nodes.get(at);
      return node?.type === 'link' ? { target: node.target as string } : node && 'other';
    });
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
