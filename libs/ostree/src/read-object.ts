import { readFileSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';

/**
 * The bytes of an object's file.
 * @param type its extension: commit, dirtree, dirmeta, file, filez
 */
export function readObject(repo: string, sum: string, type: string): Uint8Array {
  try {
    return readFileSync(objectPath(repo, sum, type));
  } catch (error) {
    throw explain(error, `cannot read the object '${sum}' in '${repo}'`);
  }
}

/** Where an object's file is. A template, not path.join: called for every object of a commit. */
export const objectPath = (repo: string, sum: string, type: string): string =>
  `${repo}/objects/${sum.slice(0, 2)}/${sum.slice(2)}.${type}`;
