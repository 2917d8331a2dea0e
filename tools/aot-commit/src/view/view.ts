import { posix } from 'node:path';
import { byBytes, type Tree } from '@apt-ostree/ostree';
import type { Installed } from '../installed.ts';

/**
 * A part of a tree that a program gets to see, as paths without links among their parents: what the program makes of it is
 * a function of the part, by construction, and can be kept under its digest.
 */
export class View {
  readonly #tree: Tree;
  readonly #paths = new Set<string>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Adds a path and its parents. */
  add(path: string): void {
    const paths = this.#paths;
    for (let at = this.#tree.canonical(path); at !== '.' && at !== '/' && !paths.has(at); at = posix.dirname(at))
      if (this.#tree.exists(at)) paths.add(at);
  }

  /** Adds a path and all that is below it. */
  addBelow(path: string): void {
    if (!this.#tree.exists(path)) return;
    this.add(path);
    for (const entry of this.#tree.walk(this.#tree.canonical(path))) this.#paths.add(entry.path);
  }

  /** Adds what packages own. */
  addPackages(packages: Iterable<Installed>): void {
    for (const p of packages) for (const path of p.paths) if (isPlain(path)) this.add(path);
  }

  /** Adds links that no package owns, such as those of update-alternatives, where they lead to something in the view. */
  addLinks(): void {
    const tree = this.#tree;
    for (const directory of ['', 'etc', 'etc/alternatives', 'usr/lib', 'usr/bin', 'usr/sbin']) {
      for (const name of tree.list(directory)) {
        const path = directory === '' ? name : `${directory}/${name}`;
        if (this.#paths.has(path) || !tree.isLink(path)) continue;
        if (this.#paths.has(targetOf(path, tree.readLink(path)))) this.add(path);
      }
    }
  }

  sorted(): string[] {
    return [...this.#paths].sort(byBytes);
  }
}

/** Documentation, state, greetings and jobs are of no use to programs that make something. */
const USELESS =
  /^(var|usr\/share\/(doc|man|info|locale|lintian)|etc\/(motd|issue|issue\.net|skel|cron\.[a-z]+|logrotate\.d))(\/|$)/;

const isPlain = (path: string): boolean => path !== '' && path !== '.' && !USELESS.test(path);

/** The packages and all that they depend on, by any alternative that is there. */
export function closure(packages: readonly Installed[], seeds: readonly Installed[]): Set<Installed> {
  const byName = new Map<string, Installed[]>();
  for (const p of packages)
    for (const name of [p.name, ...p.provides]) byName.set(name, [...(byName.get(name) ?? []), p]);
  const found = new Set(seeds);
  for (const p of found) for (const name of p.needs) for (const q of byName.get(name) ?? []) found.add(q);
  return found;
}

/** The path that a link leads to, relative to the root. */
const targetOf = (path: string, target: string): string =>
  posix.join('/', target.startsWith('/') ? '' : posix.dirname(path), target).slice(1);
