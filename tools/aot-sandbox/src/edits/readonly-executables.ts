import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { trueDirectory } from '@apt-ostree/bwrap';
import type { Edit } from './edit.ts';

const EXECUTE = 0o111;
const WRITE = 0o222;

/** treefile readonly-executables: below /usr, what can be executed cannot be written. */
export const readonlyExecutables: Edit = {
  key: 'readonly-executables',
  wanted: (treefile) => treefile['readonly-executables'],
  apply({ root }) {
    if (trueDirectory(root, '/usr')) visit(`${root}/usr`);
  },
};

function visit(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) visit(path);
    else if (entry.isFile()) protect(path);
  }
}

function protect(path: string): void {
  const { mode } = lstatSync(path);
  if ((mode & EXECUTE) !== 0 && (mode & WRITE) !== 0) chmodSync(path, mode & 0o7777 & ~WRITE);
}
