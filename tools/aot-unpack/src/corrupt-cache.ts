import { dirname } from 'node:path';
import { AotError } from '@apt-ostree/errors';

/** The error for an object that the package cache should have. */
export function corruptCache(object: string): AotError {
  const repo = dirname(dirname(dirname(object)));
  return new AotError('data', `cannot use the package cache '${repo}': '${object.slice(repo.length + 1)}' is missing`, {
    code: 'corrupt-cache',
    hint: `remove '${repo}' and run the command again; packages are imported anew`,
  });
}
