import { AotError } from '@apt-ostree/errors';
import type { EtcConflicts } from './conflicts.ts';

/**
 * Makes sure that /etc can be merged into a commit's. Libostree would find out at shutdown, with nobody there to read it,
 * and the machine would boot as before.
 * @throws AotError `failed` with every path that is in the way
 */
export function requireMergeable({ refused }: EtcConflicts, commit: string): void {
  if (refused.length === 0) return;
  const list = refused.map(({ path, reason }) => `'${path}': ${reason}`).join('; ');
  throw new AotError('failed', `cannot merge /etc into '${commit}': ${list}`, {
    code: 'etc-conflict',
    hint: 'move what is in the way out of /etc, and run the command again',
  });
}
