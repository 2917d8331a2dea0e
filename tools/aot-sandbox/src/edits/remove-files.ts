import { rmSync } from 'node:fs';
import type { Edit } from './edit.ts';

/** treefile remove-files: paths go, with all below them. What is not there is not missed. */
export const removeFiles: Edit = {
  key: 'remove-files',
  wanted: (treefile) => treefile['remove-files'].length > 0,
  apply({ treefile, path }) {
    for (const name of treefile['remove-files']) rmSync(path(name), { recursive: true, force: true });
  },
};
