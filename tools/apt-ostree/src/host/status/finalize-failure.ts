import { run } from '@apt-ostree/run';
import type { Unit } from './units.ts';

/** Libostree's: fails at a boot where the shutdown before it could not finalize what was staged (ostree-boot-complete.service). */
export const BOOT_COMPLETE = 'ostree-boot-complete.service';
const FINALIZE = 'ostree-finalize-staged.service';

/** Says that the shutdown before this boot failed to finalize what was staged, and why; empty where it did not. */
export async function finalizeFailure(complete: Unit | undefined): Promise<string> {
  if (complete?.active !== 'failed') return '';
  const words = ['--boot=-1', `--unit=${FINALIZE}`, '--output=cat', '--no-pager'];
  const { stdout } = await run('journalctl', words, { ok: 'any' });
  return warningText(stdout);
}

/** @param journal the lines of the unit, the oldest first */
export function warningText(journal: string): string {
  const error = journal.split('\n').findLast((line) => line.startsWith('error: '));
  return [
    'Warning: failed to finalize previous deployment',
    ...(error === undefined ? [] : [`         ${error}`]),
    `         check \`journalctl -b -1 -u ${FINALIZE}\``,
    '',
  ].join('\n');
}
