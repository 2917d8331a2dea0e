import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import type { Sysroot } from '@apt-ostree/host';
import { run } from '@apt-ostree/run';

/**
 * Libostree's commands wait for each other for as long as it takes. Who does not want to wait is told so before anything
 * is done.
 * @throws AotError `busy` (75)
 */
export async function nobodyHoldsIt(sysroot: Sysroot): Promise<void> {
  const file = join(sysroot.path, 'ostree/lock');
  if (!existsSync(file)) return;
  const args = ['--fcntl', '--nonblock', '--conflict-exit-code', '75', file, 'true']; // its locks are of the open file
  const { exitCode } = await run('flock', args, { ok: [0, 75], what: `cannot try the lock '${file}'` });
  if (exitCode === 0) return;
  throw new AotError('busy', `cannot lock '${file}': libostree is at work on the sysroot`, {
    hint: 'run the command again when that has ended, or with --wait',
  });
}
