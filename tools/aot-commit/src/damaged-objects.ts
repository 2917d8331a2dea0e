import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@apt-ostree/manifest';
import { decodeDirtree } from '@apt-ostree/ostree';

export interface Root {
  tree: string;
  meta: string;
}

/**
 * Looks at every object below a root in the package cache, where nothing is ever synced: libostree takes an object that is
 * there for a good one, also when a power failure has cut it. Metadata is read and hashed; a file must be as long as in
 * the directory it was committed from.
 * @param base a root whose objects are good: what is the same there is not looked at
 * @returns the paths of objects that are missing or damaged
 */
export function damagedObjects(repo: string, root: Root, directory: string, base?: Root): string[] {
  const damaged: string[] = [];
  const checked = new Set<string>();
  const object = (name: string, type: string) => `${repo}/objects/${name.slice(0, 2)}/${name.slice(2)}.${type}`;
  const check = (name: string, type: string): Buffer | undefined => {
    const path = object(name, type);
    const bytes = readIfThere(path);
    if (bytes && sha256(bytes) === name) return bytes;
    damaged.push(path);
    return undefined;
  };
  const walk = ({ tree, meta }: Root, at: string, good: Root | undefined): void => {
    if (good?.tree === tree && good.meta === meta) return;
    if (!checked.has(meta)) check(meta, 'dirmeta');
    checked.add(meta);
    const bytes = check(tree, 'dirtree');
    if (bytes === undefined) return;
    const { files, dirs } = decodeDirtree(bytes);
    const old = good && decodeDirtree(readFileSync(object(good.tree, 'dirtree')));
    for (const [name, file] of files) {
      if (old?.files.get(name) === file) continue;
      const path = object(file, 'file');
      if (lstatSync(path, { throwIfNoEntry: false })?.size !== lstatSync(join(at, name)).size) damaged.push(path);
    }
    for (const [name, sub] of dirs) walk(sub, join(at, name), old?.dirs.get(name));
  };
  walk(root, directory, base);
  return damaged;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
