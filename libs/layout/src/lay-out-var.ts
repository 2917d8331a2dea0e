import { emptyVar } from './empty-var.ts';
import { freshVar } from './fresh-var.ts';
import { type InTree, type Keep, nothing } from './in-tree.ts';
import { packageState } from './package-state.ts';
import { Tmpfiles } from './tmpfiles.ts';

/** Lines of tmpfiles.d(5) for what was in /var. */
export const VAR_LINES = 'usr/lib/tmpfiles.d/aot-var.conf';

/**
 * Makes /var what a commit has: package state is in /usr, and all else is made on the machine from lines of tmpfiles.d(5).
 * @param optInVar whether /opt and /usr/local are the machine's
 * @param kept what stays as it is
 */
export function layOutVar({ tree }: InTree, optInVar: boolean, kept: Keep = nothing): void {
  const tmpfiles = new Tmpfiles(tree);
  const links = packageState({ tree }, tmpfiles);
  emptyVar({ tree }, tmpfiles, kept);
  freshVar({ tree }, { links, optInVar, kept });
  tree.write(VAR_LINES, tmpfiles.render());
}
