import {
  byteCode,
  clean,
  declareAccounts,
  emptyVar,
  freshVar,
  maskUnits,
  packageState,
  regenerate,
  restoreVar,
  Tmpfiles,
} from '@apt-ostree/layout';
import { Tree } from '@apt-ostree/ostree';
import { notOurs } from './mounts.ts';

const OURS = 'usr/lib/tmpfiles.d/aot-var.conf';

/** Gives scripts the /var that they find on a machine; the image has it as lines of tmpfiles.d(5). */
export function unfold(tree = new Tree('/')): void {
  restoreVar(tree, []);
}

/**
 * Makes the root what a composed image is: package state in /usr, accounts declared, /var empty, and nothing left of the
 * container or of a run. /etc stays where it is; whoever deploys the image moves it.
 */
export function fold(tree = new Tree('/'), kept = notOurs()): void {
  clean({ tree }, kept);
  regenerate({ tree });
  declareAccounts({ tree });
  byteCode(tree, tree.walk('usr'));
  maskUnits({ tree });
  const tmpfiles = new Tmpfiles(tree);
  const links = packageState({ tree }, tmpfiles);
  emptyVar({ tree }, tmpfiles, kept);
  freshVar({ tree }, { links, optInVar: tree.isLink('opt') && tree.readLink('opt') === 'var/opt', kept });
  tree.write(OURS, tmpfiles.render());
}
