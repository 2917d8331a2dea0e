import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';

/** A container image has its configuration in /etc; a commit has it in /usr/etc, from where a deployment copies it. */
export async function checkOut(repo: string, commit: string, destination: string): Promise<void> {
  const temporary = `${destination.replace(/\/+$/, '')}.${process.pid}.tmp`;
  const args = ['checkout', `--repo=${repo}`, '--force-copy', commit, temporary];
  try {
    await run('ostree', args, { what: `cannot write '${destination}'` });
    if (existsSync(join(temporary, 'usr/etc'))) renameSync(join(temporary, 'usr/etc'), join(temporary, 'etc'));
    renameSync(temporary, destination);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}
