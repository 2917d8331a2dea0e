import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Sysroot } from '@apt-ostree/host';

/** Where an operation takes its lock; the second where the sysroot is read-only. */
const lockFiles = (sysroot: Sysroot): string[] => [
  join(sysroot.path, 'ostree/apt-ostree.lock'),
  ...(sysroot.isBooted ? ['/run/apt-ostree/sysroot.lock'] : []),
];

/** Who changes the sysroot now, in the holder's own words; undefined where nobody does. Takes no lock and waits for none. */
export function holderOf(sysroot: Sysroot): string | undefined {
  for (const file of lockFiles(sysroot).filter((f) => existsSync(f))) {
    if (isLocked(file)) return readFileSync(file, 'utf8').trim() || 'unknown';
  }
  return undefined;
}

/** By the kernel's table of locks (proc_locks(5)): device and inode, the device's numbers in hexadecimal. */
function isLocked(file: string): boolean {
  const { dev, ino } = statSync(file, { bigint: true });
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  const hex = (n: bigint) => n.toString(16).padStart(2, '0');
  const id = ` ${hex(major)}:${hex(minor)}:${ino} `;
  return readLocks().some((line) => line.includes('FLOCK') && line.includes(id));
}

function readLocks(): string[] {
  try {
    return readFileSync('/proc/locks', 'utf8').split('\n');
  } catch {
    return []; // without /proc nobody can tell
  }
}
