import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import table from './documentation.json' with { type: 'json' };
import type { Edit } from './edit.ts';

/**
 * treefile documentation: false leaves out manuals, but keeps copyright files. The top directories stay. dpkg's lists and
 * hashes still name what went, and dpkg --verify says that it is missing, as after path-exclude in dpkg.cfg(5); unlike
 * there, scripts have seen it, and directories that are left empty go.
 */
export const documentation: Edit = {
  key: 'documentation',
  wanted: (treefile) => treefile.documentation === false,
  apply({ path }) {
    for (const row of table) {
      if (isDirectory(path(row.path))) prune(path(row.path), row.path, keptBy(row), false);
    }
  },
};

type Kept = (path: string, isLink: boolean) => boolean;

function keptBy(row: { keep?: string; keepLinks?: string }): Kept {
  const [files, links] = [row.keep, row.keepLinks].map((text) => (text === undefined ? undefined : new RegExp(text)));
  return (path, isLink) => (files?.test(path) || (isLink && links?.test(path))) === true;
}

/** @returns whether something stayed */
function prune(directory: string, name: string, kept: Kept, removable: boolean): boolean {
  let stays = false;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const [path, inTree] = [`${directory}/${entry.name}`, `${name}/${entry.name}`];
    if (entry.isDirectory()) stays = prune(path, inTree, kept, true) || stays;
    else if (kept(inTree, entry.isSymbolicLink())) stays = true;
    else rmSync(path);
  }
  if (!stays && removable) rmdirSync(directory);
  return stays;
}

const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
