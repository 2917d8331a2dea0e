import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { run } from '@apt-ostree/run';

/** Removes directories by rm(1): `rmSync` takes longer, and keeps a worker of the test runner from answering meanwhile. */
export async function removeTrees(...directories: readonly string[]): Promise<void> {
  for (const directory of directories) refuseMounts(directory);
  await run('rm', ['-rf', '--one-file-system', '--', ...directories]);
}

/** Throws where something is mounted at a directory or below it: what a test forgot to unmount may lead anywhere. */
export function refuseMounts(directory: string, mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): void {
  const top = existsSync(directory) ? realpathSync(directory) : directory;
  const mounted = mountPoints(mountinfo).filter((path) => path === top || path.startsWith(`${top}/`));
  if (mounted.length > 0) throw new Error(`cannot remove ${directory}: still mounted: ${mounted.join(', ')}`);
}

/** The fifth field of each line, with octal escapes: proc_pid_mountinfo(5). */
const mountPoints = (text: string): string[] =>
  text.split('\n').map((line) => (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, digits) => char(digits)));

const char = (digits: string): string => String.fromCharCode(Number.parseInt(digits, 8));
