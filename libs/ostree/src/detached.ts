import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';
import { dictionary } from './commit-object.ts';
import type { CommitMetadata } from './variant.ts';

/**
 * Writes the detached metadata of a new commit; signatures are added to it later. A repository keeps it beside the commit
 * object, in all modes: `objects/ab/cd….commitmeta`.
 */
export function writeDetached(repo: string, commit: string, metadata: CommitMetadata): void {
  const file = join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commitmeta`);
  try {
    writeFileSync(`${file}.aot-new`, dictionary(metadata).bytes);
    renameSync(`${file}.aot-new`, file);
  } catch (error) {
    throw explain(error, `cannot write to repository '${repo}'`);
  }
}
