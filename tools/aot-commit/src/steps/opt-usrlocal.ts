import { AotError } from '@apt-ostree/errors';
import { MACHINE_LOCAL, SHIPPED_LOCAL } from '@apt-ostree/layout';
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
    intoVar(tree, 'opt', 'var/opt', 0o755);
    intoVar(tree, 'usr/local', 'var/usrlocal', 0o755);
  } else if (settings.optUsrlocal === 'stateoverlay') overlay(layout);
}

function shipOpt({ tree }: Layout): void {
  if (tree.isLink('opt')) return;
  for (const name of tree.list('opt')) {
    tree.rename(`opt/${name}`, `usr/lib/opt/${name}`);
    tree.symlink(`../../usr/lib/opt/${name}`, `opt/${name}`);
  }
}

/** Directories of /usr/local are shared with the machine, so each file has its own link. */
function shipLocal({ tree }: Layout): void {
  const top = tree.isLink('usr/local') ? MACHINE_LOCAL : 'usr/local'; // of a layer it is the machine's already
  if (!tree.isDirectory(top)) return;
  for (const { path, stat } of tree.walk(top)) {
    if (!stat.isFile()) continue;
    const below = path.slice(top.length + 1);
    const up = '../'.repeat(`${MACHINE_LOCAL}/${below}`.split('/').length - 1);
    tree.rename(path, `${SHIPPED_LOCAL}/${below}`);
    tree.symlink(`${up}${SHIPPED_LOCAL}/${below}`, path);
  }
}

function overlay({ tree }: Layout): void {
  if (!tree.exists(OVERLAY_UNIT)) {
    throw new AotError('config', "cannot use 'opt-usrlocal: stateoverlay': the tree's ostree has no state overlays", {
      hint: "use 'root' or 'var', or a suite with libostree 2024.1 or newer",
    });
  }
  if (!tree.isLink('opt')) {
    tree.rename('opt', 'usr/lib/opt');
    tree.symlink('usr/lib/opt', 'opt');
  }
  for (const instance of ['usr-lib-opt', 'usr-local']) {
    tree.symlink(
      '../ostree-state-overlay@.service',
      `usr/lib/systemd/system/local-fs.target.wants/ostree-state-overlay@${instance}.service`,
    );
  }
}
