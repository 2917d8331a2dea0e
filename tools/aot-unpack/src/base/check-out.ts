import { AotError } from '@apt-ostree/errors';
import { type BareRepo, linkCheckout } from '@apt-ostree/ostree';
import { span } from '@apt-ostree/run';

/**
 * Makes the tree of a commit by hard links; empty files are copied, since one object would stand for all of them.
 * @throws AotError `noInput` where the package cache lacks the commit
 */
export async function checkOut(repo: BareRepo, commit: string, path: string, signal: AbortSignal): Promise<void> {
  if (!repo.has(commit, 'commit'))
    throw new AotError('noInput', `cannot find the base '${commit}' in the package cache '${repo.path}'`, {
      code: 'no-base',
      hint: `bring it there with 'ostree pull-local --repo=${repo.path} REPO ${commit}'`,
    });
  const what = `cannot check out the base '${commit}'`;
  await span('phase', 'checkout base', () => linkCheckout(repo.path, commit, path, what, signal));
}
