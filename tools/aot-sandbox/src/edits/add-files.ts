import { chmodSync, chownSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import type { Edit } from './edit.ts';

/** treefile add-files: files beside the treefile, verified before, become root's files of the tree. */
export const addFiles: Edit = {
  key: 'add-files',
  wanted: (treefile) => treefile['add-files'].length > 0,
  apply({ treefile, path, inputs, sourceRoot }) {
    for (const [source, target] of treefile['add-files']) {
      const executable = inputs.find((i) => i.path === source)?.executable === true;
      place(join(sourceRoot, source), path(target), executable, target);
    }
  },
};

function place(source: string, target: string, executable: boolean, name: string): void {
  try {
    makeDirectory(dirname(target));
    rmSync(target, { force: true });
    copyFileSync(source, target);
    chownSync(target, 0, 0);
    chmodSync(target, executable ? 0o755 : 0o644);
  } catch (error) {
    const reason = explain(error, `cannot add '${name}' to the tree`);
    throw reason instanceof AotError ? new AotError('failed', reason.message, { cause: error }) : reason;
  }
}

/** A new directory is 0755, whatever our umask is. */
function makeDirectory(path: string): void {
  const umask = process.umask(0o022);
  try {
    mkdirSync(path, { recursive: true });
  } finally {
    process.umask(umask);
  }
}
