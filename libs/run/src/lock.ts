import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';
import { start } from './start.ts';

export interface Lock {
  release(): Promise<void>;
}

/** flock(1)'s exit code when somebody else holds the lock. */
const CONFLICT = 75;

/**
 * Takes an exclusive lock on `file`, created if need be. Node has no file locks, so flock(1) takes it on a descriptor of
 * ours: the lock belongs to the open file (flock(2)), outlives that child and ends with us however we end. The file's
 * content names the holder.
 * @param wait true waits; false ends with `busy` (75) and says who holds it
 */
export async function lock(file: string, options: { wait: boolean; what?: string } = { wait: true }): Promise<Lock> {
  for (;;) {
    const fd = open(file);
    try {
      if (!(await take(fd, options.wait))) throw busy(file, fd);
      if (isStill(fd, file)) {
        sign(fd, file, options.what ?? 'apt-ostree');
        return { release: async () => closeSync(fd) };
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd); // its last holder removed the file while we waited: what is there now is another one
  }
}

/** Never inherited: Node opens everything close-on-exec. */
function open(file: string): number {
  try {
    return openSync(file, 'a+', 0o644);
  } catch (error) {
    throw explain(error, `cannot lock '${file}'`);
  }
}

async function take(fd: number, wait: boolean): Promise<boolean> {
  const args = [...(wait ? [] : ['--nonblock']), '--conflict-exit-code', String(CONFLICT), '3'];
  const { code, signal } = await start('flock', args, { stdio: ['ignore', 'ignore', 'inherit', fd] }).ended;
  if (code === CONFLICT) return false;
  if (code !== 0) throw new AotError('os', `cannot lock a file: flock ended with ${code ?? signal}`);
  return true;
}

function sign(fd: number, file: string, what: string): void {
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, `${what} (process ${process.pid})\n`);
  } catch (error) {
    throw explain(error, `cannot lock '${file}'`);
  }
}

const isStill = (fd: number, file: string): boolean => {
  const [held, there] = [fstatSync(fd), statSync(file, { throwIfNoEntry: false })];
  return there !== undefined && held.ino === there.ino && held.dev === there.dev;
};

function busy(file: string, fd: number): AotError {
  const holder = readFileSync(fd, 'utf8').trim(); // the name may be gone already
  return new AotError('busy', `cannot lock '${file}': ${holder ? `held by ${holder}` : 'held by another process'}`, {
    hint: 'wait until it has ended, then run the command again',
  });
}
