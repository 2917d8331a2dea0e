import { once } from 'node:events';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
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
  /** Bytes that are left. */
  free(): number;
  /** Fills it, but for so many bytes; returns what makes room again. */
  fill(left: number): () => void;
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
  const outside = join(`/proc/${child.pid}/root`, path);
  const free = () => {
    const { bavail, bsize } = statfsSync(outside);
    return bavail * bsize;
  };
  return {
    ...{ path, outside, free },
    prefix: ['nsenter', `--mount=/proc/${child.pid}/ns/mnt`, '--'],
    fill(left) {
      const ballast = join(outside, 'ballast');
      writeFileSync(ballast, Buffer.alloc(Math.max(0, free() - left)));
      return () => rmSync(ballast);
    },
    async close() {
      child.stdin?.end();
      await ended;
    },
  };
}
