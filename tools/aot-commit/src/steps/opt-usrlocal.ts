import { AotError } from '@apt-ostree/errors';
import {
  MACHINE_LOCAL,
  MACHINE_OPT,
  mendLinks,
  moveLink,
  SHIPPED_LOCAL,
  SHIPPED_OPT,
  sweepLinks,
} from '@apt-ostree/layout';
import type { Layout } from '../layout.ts';
import { intoVar } from './top-level.ts';

const OVERLAY_UNIT = 'usr/lib/systemd/system/ostree-state-overlay@.service';

/**
 * The treefile's `opt-usrlocal`. `var`: both are the machine's own, in /var; what packages ship in them goes to
 * /usr/lib/opt and /usr/lib/usrlocal with links to it, so that it is updated with the system. `root`: both are read-only directories.
 * `stateoverlay`: packages ship in them and the machine writes over that, by libostree's overlay unit.
 */
export function optUsrlocal(layout: Layout): void {
  const { tree, settings } = layout;
  tree.mkdir('opt');
  tree.mkdir('usr/local');
  if (settings.optUsrlocal === 'var') {
    shipOpt(layout);
    shipLocal(layout);
    intoVar(tree, 'opt', MACHINE_OPT, 0o755);
    intoVar(tree, 'usr/local', MACHINE_LOCAL, 0o755);
    sweepLinks(layout);
  } else if (settings.optUsrlocal === 'stateoverlay') overlay(layout);
}

function shipOpt({ tree }: Layout): void {
  if (tree.isLink('opt')) return;
  for (const name of tree.list('opt')) {
    const shipped = `${SHIPPED_OPT}/${name}`;
    tree.rename(`opt/${name}`, shipped);
    mendLinks(tree, `opt/${name}`, shipped);
    tree.symlink(`../../${shipped}`, `opt/${name}`);
  }
}

/** Directories of /usr/local are shared with the machine, so each file, and each link, has its own link. */
function shipLocal({ tree }: Layout): void {
  const top = tree.isLink('usr/local') ? MACHINE_LOCAL : 'usr/local'; // of a layer it is the machine's already
  if (!tree.isDirectory(top)) return;
  for (const { path, stat } of tree.walk(top)) {
    if (stat.isDirectory()) continue;
    const below = path.slice(top.length + 1);
    const shipped = `${SHIPPED_LOCAL}/${below}`;
    const up = '../'.repeat(`${MACHINE_LOCAL}/${below}`.split('/').length - 1);
    if (stat.isSymbolicLink()) moveLink(tree, `usr/local/${below}`, shipped, path);
    else tree.rename(path, shipped);
    tree.symlink(`${up}${shipped}`, path);
  }
}

function overlay({ tree }: Layout): void {
  if (!tree.exists(OVERLAY_UNIT)) {
    throw new AotError('config', "cannot use 'opt-usrlocal: stateoverlay': the tree's ostree has no state overlays", {
      hint: "use 'root' or 'var', or a suite with libostree 2024.1 or newer",
    });
  }
  if (!tree.isLink('opt')) {
    tree.rename('opt', SHIPPED_OPT);
    tree.symlink(SHIPPED_OPT, 'opt');
  }
  for (const instance of ['usr-lib-opt', 'usr-local']) {
    tree.symlink(
      '../ostree-state-overlay@.service',
      `usr/lib/systemd/system/local-fs.target.wants/ostree-state-overlay@${instance}.service`,
    );
  }
}
