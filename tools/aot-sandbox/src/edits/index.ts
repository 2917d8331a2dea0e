import { addFiles } from './add-files.ts';
import { documentation } from './documentation.ts';
import type { Edit } from './edit.ts';
import { installLangs } from './install-langs.ts';
import { readonlyExecutables } from './readonly-executables.ts';
import { removeFiles } from './remove-files.ts';
import { removeFromPackages } from './remove-from-packages.ts';
import { sysusers } from './sysusers.ts';
import { defaultTarget, units } from './units.ts';

/**
 * The edits in their order: what packages brought is thinned out first, then the treefile's own comes. `compose install`
 * makes the first three, and `compose postprocess` the others.
 */
export const EDITS: readonly Edit[] = [
  ...[documentation, installLangs, readonlyExecutables],
  ...[removeFromPackages, removeFiles, addFiles, sysusers, units, defaultTarget],
];
