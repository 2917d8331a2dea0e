import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import table from './documentation.json' with { type: 'json' };
import type { Edit } from './edit.ts';

/** treefile documentation: false leaves out manuals, but keeps copyright files. The top directories stay. */
export const documentation: Edit = {
  key: 'documentation',
  wanted: (treefile) => treefile.documentation === false,
  apply({ path }) {
    for (const row of table) {
      const keep = 'keep' in row ? new RegExp(row.keep as string) : undefined;
      if (isDirectory(path(row.path))) prune(path(row.path), row.path, keep, false);
    }
  },
};

/** @returns whether something stayed */
function prune(directory: string, name: string, keep: RegExp | undefined, removable: boolean): boolean {
  let stays = false;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const [path, inTree] = [`${directory}/${entry.name}`, `${name}/${entry.name}`];
    if (entry.isDirectory()) stays = prune(path, inTree, keep, true) || stays;
    else if (keep?.test(inTree)) stays = true;
    else rmSync(path);
  }
  if (!stays && removable) rmdirSync(directory);
  return stays;
}

const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
