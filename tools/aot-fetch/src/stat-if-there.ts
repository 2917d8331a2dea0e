import { type Stats, statSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';

/** What a path is, or undefined where nothing is. */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw explain(error, `cannot read '${path}'`);
  }
}
