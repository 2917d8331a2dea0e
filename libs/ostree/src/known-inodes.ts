import { lstatSync, readdirSync, type Stats } from 'node:fs';

/**
 * File objects of a repository of mode `bare` by inode: a file that is a hard link to one need not be read.
 */
export class KnownInodes {
  readonly #objects = new Map<string, string>();

  constructor(repo: string) {
    for (const directory of readdirSync(`${repo}/objects`)) this.#scan(`${repo}/objects/${directory}`, directory);
  }

  /** The object that a file is a hard link to. */
  get(stat: Stats): string | undefined {
    return stat.nlink > 1 ? this.#objects.get(keyOf(stat)) : undefined;
  }

  /** Remembers a file that has been read: it may have other names in the tree. */
  add(stat: Stats, object: string): void {
    if (Number.isSafeInteger(stat.ino)) this.#objects.set(keyOf(stat), object);
  }

  #scan(path: string, directory: string): void {
    for (const name of readdirSync(path)) {
      if (!name.endsWith('.file')) continue;
      const stat = lstatSync(`${path}/${name}`, { throwIfNoEntry: false });
      if (stat !== undefined && stat.nlink > 1) this.add(stat, directory + name.slice(0, -'.file'.length));
    }
  }
}

/** Inodes that a number does not hold, as of some overlays, are never added. */
const keyOf = (stat: Stats): string => `${stat.dev}:${stat.ino}`;
