import { PACKAGE_STATE, SYSIMAGE } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import {
  MACHINE_LOCAL,
  MACHINE_OPT,
  mendLinks,
  moveLink,
  restoreVar,
  SHIPPED_LOCAL,
  SHIPPED_OPT,
} from '@apt-ostree/layout';
import type { Tree } from '@apt-ostree/ostree';

/**
 * Makes the tree of a commit one that dpkg and scripts work in: the reverse of what aot-commit did to it at the end. /etc is
 * at its place, the state of packages is in /var, and /var has what a machine's has on the first boot.
 */
export function restoreRoot(tree: Tree): void {
  if (!tree.isDirectory('usr/etc') || tree.exists('etc'))
    throw new AotError('data', "cannot layer packages on the base: it has no '/usr/etc', or '/etc' too");
  tree.rename('usr/etc', 'etc');
  const opt = restoreOpt(tree);
  restorePackageState(tree);
  restoreVar(tree, opt ? [`/${MACHINE_OPT}`] : []);
  restoreLocal(tree);
}

/** What packages ship in /opt is in /usr/lib/opt, where /opt is the machine's. @returns whether it was so */
function restoreOpt(tree: Tree): boolean {
  if (!tree.isLink('opt') || tree.readLink('opt') !== MACHINE_OPT) return false;
  tree.remove('opt');
  tree.mkdir('opt');
  for (const name of tree.list(SHIPPED_OPT)) {
    tree.rename(`${SHIPPED_OPT}/${name}`, `opt/${name}`);
    mendLinks(tree, `${SHIPPED_OPT}/${name}`, `opt/${name}`);
  }
  tree.remove(SHIPPED_OPT);
  return true;
}

/** The same for files and links of /usr/local, which is the machine's: they take the place of the links to them. */
function restoreLocal(tree: Tree): void {
  if (!tree.isDirectory(SHIPPED_LOCAL)) return;
  for (const { path, stat } of tree.walk(SHIPPED_LOCAL)) {
    if (stat.isDirectory()) continue;
    const below = path.slice(SHIPPED_LOCAL.length);
    const place = MACHINE_LOCAL + below;
    tree.remove(place);
    if (stat.isSymbolicLink()) moveLink(tree, path, `usr/local${below}`);
    else tree.rename(path, place);
  }
  tree.remove(SHIPPED_LOCAL);
}

function restorePackageState(tree: Tree): void {
  for (const { path, to } of PACKAGE_STATE) {
    const place = `${SYSIMAGE}/${to}`;
    if (!tree.exists(place)) continue;
    tree.remove(path);
    tree.rename(place, path);
  }
}
