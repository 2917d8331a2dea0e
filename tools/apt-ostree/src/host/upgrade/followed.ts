import { AotError } from '@apt-ostree/errors';
import { type Origin, originRefspec, type Refspec } from '@apt-ostree/host';

/**
 * Refuses an upgrade of a deployment whose image builder says that something has to be set up first, as libostree does.
 * @throws AotError `failed` with what the builder says
 */
export function requireConfigured({ unconfiguredState }: Origin): void {
  if (unconfiguredState === undefined) return;
  throw new AotError('failed', `cannot upgrade: the origin is not configured: ${unconfiguredState}`, {
    code: 'unconfigured',
    hint: "'apt-ostree rebase [REMOTE:]BRANCH' follows another branch",
  });
}

/**
 * The branch that a deployment follows.
 * @throws AotError `failed` where it follows none
 */
export function followed(origin: Origin): Refspec {
  const refspec = originRefspec(origin);
  if (refspec !== undefined) return refspec;
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
