import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import type { Sysroot } from '@apt-ostree/host';

/**
 * Libostree's commands wait for each other for as long as it takes. Who does not want to wait is told so before anything
 * is done. The kernel's list is asked: the lock cannot be tried where the sysroot is mounted read-only.
 * @throws AotError `busy` (75)
 */
export function nobodyHoldsIt(sysroot: Sysroot): void {
  const file = join(sysroot.path, 'ostree/lock');
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || !isLocked(locks(), stat.dev, stat.ino)) return;
  throw new AotError('busy', `cannot lock '${file}': libostree is at work on the sysroot`, {
    hint: 'run the command again when that has ended, or with --wait',
  });
}

function locks(): string {
  try {
    return readFileSync('/proc/locks', 'utf8');
  } catch (error) {
    throw explain(error, "cannot read '/proc/locks'");
  }
}

/**
 * Looks a file up in the text of proc_locks(5): `1: OFDLCK ADVISORY WRITE -1 fe:00:5392040 0 EOF`. A line with an arrow is
 * of somebody who waits.
 */
export function isLocked(text: string, device: bigint, inode: bigint): boolean {
  const wanted = `${hex(major(device))}:${hex(minor(device))}:${inode}`;
  return text.split('\n').some((line) => !line.includes('->') && line.split(/\s+/)[5] === wanted);
}

/** As makedev(3) of glibc puts them together. */
const major = (device: bigint): bigint => ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
const minor = (device: bigint): bigint => (device & 0xffn) | ((device >> 12n) & ~0xffn);
const hex = (number: bigint): string => number.toString(16).padStart(2, '0');
