import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Sysroot, unitOf } from '@apt-ostree/host';

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

/**
 * Who that is, in rpm-ostree's words.
 * @param holder as the lock's file has it: `apt-ostree upgrade (process 123)`
 * @param sender the name on the bus of who asked the daemon; empty where nobody did
 */
export function initiatorOf(holder: string, sender: string): string | undefined {
  const pid = Number(/ \(process (\d+)\)$/.exec(holder)?.[1] ?? 0);
  const uid = pid === 0 ? undefined : statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
  if (sender === '' && uid === undefined) return undefined;
  if (sender !== '') return `client(dbus:${sender.replace(/^:/, '')})`;
  const unit = unitOf(pid);
  return `client(pid:${pid}${unit === undefined ? '' : ` unit:${unit}`} uid:${uid})`;
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
