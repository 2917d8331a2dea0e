import type { Tree } from '@apt-ostree/ostree';
import table from './data/clean.json' with { type: 'json' };
import { type InTree, type Keep, nothing } from './in-tree.ts';
import { matches } from './match.ts';

/** Removes what belongs to the build machine or to a run, not to the system; every row says why. */
export function clean({ tree }: InTree, kept: Keep = nothing): void {
  for (const row of table) {
    for (const path of matches(tree, row.path)) if (!kept(path) && applies(tree, row.action, path)) tree.remove(path);
  }
}

function applies(tree: Tree, action: string, path: string): boolean {
  if (action === 'remove-file') return tree.isFile(path);
  if (action === 'remove-link') return tree.isLink(path);
  if (action === 'remove-unowned') return !owned(tree, path);
  return true;
}

/** Whether a package ships the path: dpkg's lists have one absolute path a line. */
function owned(tree: Tree, path: string): boolean {
  return matches(tree, 'var/lib/dpkg/info/*.list').some((list) =>
    tree.readText(list)?.split('\n').includes(`/${path}`),
  );
}
