import { byteCode, clean, declareAccounts, layOutVar, maskUnits, regenerate, restoreVar } from '@apt-ostree/layout';
import { Tree } from '@apt-ostree/ostree';
import { notOurs } from './mounts.ts';

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
  layOutVar({ tree }, tree.isLink('opt') && tree.readLink('opt') === 'var/opt', kept);
}
