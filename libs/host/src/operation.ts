import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { lock } from '@apt-ostree/run';
import type { Deployment, Sysroot } from './deployment.ts';
import { readSysroot } from './read-sysroot.ts';

/** Names the sysroot whose lock our parent holds for us. */
const HELD = 'AOT_HOST_OPERATION';

export interface OperationOptions {
  /** What is being done, for those who are kept waiting: `upgrade`. */
  what: string;
  /** Wait for others; otherwise end with `busy`. */
  wait: boolean;
}

/**
 * Does a whole operation on a sysroot while no other of ours runs. Libostree's own lock is taken by each of its commands,
 * and only for its time. Our children find in the environment that the lock is held for them.
 * @throws AotError `busy` (75) when somebody else is at it and we shall not wait
 */
export async function operation<T>(
  sysroot: Pick<Sysroot, 'path'>,
  options: OperationOptions,
  work: () => Promise<T>,
): Promise<T> {
  const path = real(sysroot.path);
  if (process.env[HELD] === path) return work();
  const held = await lock(lockFile(path), { wait: options.wait, what: options.what });
  process.env[HELD] = path;
  try {
    return await work();
  } finally {
    delete process.env[HELD];
    await held.release();
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw explain(error, `cannot use the sysroot '${path}'`);
  }
}

/** Beside libostree's; in /run where the sysroot is read-only to all but libostree (`sysroot.readonly`). */
function lockFile(path: string): string {
  const directory = real(join(path, 'ostree'));
  if (isWritable(directory)) return join(directory, 'apt-ostree.lock');
  try {
    mkdirSync('/run/apt-ostree', { recursive: true });
  } catch (error) {
    throw explain(error, `cannot lock the sysroot '${path}'`);
  }
  return '/run/apt-ostree/sysroot.lock';
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return false;
    throw explain(error, `cannot lock '${directory}'`);
  }
}

/**
 * Makes sure that the deployments are those that were read: other programs (`ostree admin`) do not know of our lock.
 * @returns the sysroot as it is now
 * @throws AotError `busy` (75) when they are others
 */
export async function unchangedSince(before: Sysroot): Promise<Sysroot> {
  const now = await readSysroot(before.path);
  requireUnchanged(now, fingerprint(before));
  return now;
}

/**
 * The same, of a sysroot that another process of ours read before.
 * @param before its `fingerprint`
 * @throws AotError `busy` (75) when the deployments are others
 */
export function requireUnchanged(now: Sysroot, before: string): void {
  if (fingerprint(now) === before) return;
  throw new AotError('busy', `cannot go on: another program changed the deployments of '${now.path}' meanwhile`, {
    code: 'deployments-changed',
    hint: 'run the command again',
  });
}

/** A digest of all that a change of deployments would change: equal as long as nobody made one. */
export const fingerprint = (sysroot: Sysroot): string =>
  createHash('sha256')
    .update(JSON.stringify(sysroot.deployments.map(identity)))
    .digest('hex');

const identity = (d: Deployment) => [d.id, d.staged, d.pinned, d.finalizationLocked, d.kernelArguments, d.origin];
