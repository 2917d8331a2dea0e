import type { Tree } from '@apt-ostree/ostree';
import { STATE } from './added.ts';

/** Where DKMS's configuration is: framework.conf, and files of shell assignments in a directory beside it. */
export const CONFIGURATION = 'etc/dkms';

const DIRECTORY = `${CONFIGURATION}/framework.conf.d`;

/** Tells DKMS where its state is on a deployed system, where the usual place is a link: it compares resolved paths. */
export function followState(tree: Tree): void {
  if (tree.isDirectory(DIRECTORY)) tree.write(`${DIRECTORY}/aot.conf`, `dkms_tree=$(readlink -f /${STATE})\n`);
}

/**
 * Keeps DKMS from making a key of its own: every tree would have another, and whoever can read the commit has it. It signs
 * nothing where the program that signs is not there.
 */
export const withoutSigning = (tree: Tree): void => tree.write(`${DIRECTORY}/zz-aot.conf`, 'sign_file=/nonexistent\n');
