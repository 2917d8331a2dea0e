import { once } from 'node:events';
import { join } from 'node:path';
import { start } from '@apt-ostree/run';
import { temporary } from './temporary.ts';

export interface FullDisk {
  /** The small disk, to those inside. */
  path: string;
  /** Put before a command, it runs where the disk is: `tool(name, args, { prefix: disk.prefix })`. Its paths are absolute. */
  prefix: readonly string[];
  /** The disk as seen from outside, to look at what is left on it. */
  outside: string;
  close(): Promise<void>;
}

/**
 * A disk of so many MiB: a tmpfs in a mount namespace of its own, kept by a process that ends with us, so that nothing is
 * ever mounted on the machine. Needs root.
 */
export async function fullDisk(sizeMiB: number): Promise<FullDisk> {
  const path = temporary();
  const script = 'mount -t tmpfs -o "size=$1m,mode=0755" tmpfs "$2" && echo ready && cat';
  const { child, ended } = start('unshare', ['--mount', '--', 'sh', '-c', script, 'sh', String(sizeMiB), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ready = once(child.stdout as NodeJS.ReadableStream, 'data').then(() => true);
  if (!(await Promise.race([ready, ended.then(() => false)]))) throw new Error('cannot mount a tmpfs: not root?');
  return {
    path,
    prefix: ['nsenter', `--mount=/proc/${child.pid}/ns/mnt`, '--'],
    outside: join(`/proc/${child.pid}/root`, path),
    async close() {
      child.stdin?.end();
      await ended;
    },
  };
}
