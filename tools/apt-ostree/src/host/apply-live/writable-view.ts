import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { type RunOptions, type RunResult, run, start } from '@apt-ostree/run';

/** The running system with /usr and /sysroot writable, which they are for nobody else. */
export interface WritableView {
  /** Its root directory, for our own file operations. */
  root: string;
  run(argv: readonly [string, ...string[]], options: RunOptions): Promise<RunResult>;
  close(): Promise<void>;
}

/**
 * Opens a mount namespace beside ours, held by a process that ends when we do, and makes the mounts writable there. We stay
 * outside: what libostree mounts must appear in the system's namespace.
 */
export async function openWritableView(): Promise<WritableView> {
  const argv = ['--mount', '--propagation', 'private', '--', 'cat'];
  const { child, ended } = start('unshare', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [input, output] = [child.stdin as Writable, child.stdout as Readable];
  input.write('ready\n');
  await Promise.race([once(output, 'data'), ended]);
  const view: WritableView = {
    root: `/proc/${child.pid}/root`,
    run: ([file, ...args], options) =>
      run('nsenter', [`--mount=/proc/${child.pid}/ns/mnt`, '--', file, ...args], options),
    async close() {
      input.end();
      await ended;
    },
  };
  try {
    const what = 'cannot make /usr writable';
    // Overlays refuse the newer system call of mount(8).
    const env = { LIBMOUNT_FORCE_MOUNT2: 'always' };
    await view.run(['mount', '-o', 'remount,rw', '/usr'], { what, env });
    await view.run(['mount', '-o', 'remount,bind,rw', '/sysroot'], { what });
  } catch (error) {
    await view.close();
    throw error;
  }
  return view;
}
