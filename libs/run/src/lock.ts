import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';
import { start } from './start.ts';

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes an exclusive lock on `file`, created if need be. Node has no file locks: a child under flock(1) holds it, ends
 * when its standard input closes, and so dies with us however we end. The file's content names the holder.
 * @param wait true waits; false ends with `busy` (75) and says who holds it
 */
export async function lock(file: string, options: { wait: boolean; what?: string } = { wait: true }): Promise<Lock> {
  let fd: number;
  try {
    fd = openSync(file, 'a+', 0o644);
  } catch (error) {
    throw explain(error, `cannot lock '${file}'`);
  }
  const args = [...(options.wait ? [] : ['--nonblock']), '--conflict-exit-code', '75', '--no-fork', file, 'cat'];
  const { child, ended } = start('flock', args, { stdio: ['pipe', 'pipe', 'inherit'], detached: false });
  child.stdin?.on('error', () => {}); // flock gave up before reading
  child.stdin?.write('locked\n'); // cat says it back once flock has started it
  const got = await Promise.race([
    new Promise<boolean>((resolve) => child.stdout?.once('data', () => resolve(true))),
    ended.then(() => false),
  ]);
  if (!got) {
    const holder = readFileSync(fd, 'utf8').trim(); // the name may be gone already
    closeSync(fd);
    throw new AotError('busy', `cannot lock '${file}': ${holder ? `held by ${holder}` : 'held by another process'}`, {
      hint: 'wait until it has ended, then run the command again',
    });
  }
  ftruncateSync(fd, 0);
  writeSync(fd, `${options.what ?? 'apt-ostree'} (process ${process.pid})\n`);
  closeSync(fd);
  return {
    async release() {
      child.stdin?.end();
      await ended;
    },
  };
}
