import { accessSync, constants } from 'node:fs';
import { enter, inNamespace, run } from '@apt-ostree/run';

/** Where the physical root of the system that runs is mounted. */
const PHYSICAL = '/sysroot';

/**
 * Libostree keeps /sysroot read-only for all but itself (`sysroot.readonly`, ostree.repo-config(5)), and we too write there
 * in a mount namespace of our own.
 * @returns as `enter` does: undefined where this process goes on
 */
export async function enterWhereReadOnly(): Promise<number | undefined> {
  return process.getuid?.() === 0 && isReadOnly() ? enter() : undefined;
}

/** Makes /sysroot writable for this process and its children. After the lock: where that is depends on it. */
export async function makeSysrootWritable(): Promise<void> {
  if (inNamespace() && isReadOnly())
    await run('mount', ['-o', 'remount,bind,rw', PHYSICAL], { what: `cannot write to '${PHYSICAL}'` });
}

/** Whether /sysroot is read-only for this process. */
export function isReadOnly(): boolean {
  try {
    accessSync(PHYSICAL, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}
