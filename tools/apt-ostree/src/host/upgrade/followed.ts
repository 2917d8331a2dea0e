import { AotError } from '@apt-ostree/errors';
import { type Origin, originRefspec, type Refspec } from '@apt-ostree/host';

/**
 * The branch that a deployment follows.
 * @throws AotError `failed` where it follows none
 */
export function followed(origin: Origin): Refspec {
  const refspec = originRefspec(origin);
  if (refspec !== undefined) return refspec;
  if (origin.unconfiguredState !== undefined)
    throw new AotError('failed', `cannot upgrade: the origin is not configured: ${origin.unconfiguredState}`);
  if (origin.refspec === undefined)
    throw new AotError('failed', 'cannot upgrade: the origin of the deployment names no branch', {
      hint: "'apt-ostree rebase [REMOTE:]BRANCH' gives it one",
    });
  const by = origin.customDescription === undefined ? '' : ` by '${origin.customDescription}'`;
  throw new AotError('failed', `Pinned to commit${by}; no upgrade available`, {
    code: 'pinned',
    hint: "'apt-ostree rebase [REMOTE:]BRANCH' follows a branch again",
  });
}
