import { run } from './run.ts';

/** Removes a directory with all that is below it. Node takes twice the time for many files, in a process that waits. */
export async function removeTree(path: string): Promise<void> {
  await run('rm', ['-rf', '--', path], { what: `cannot remove '${path}'` });
}
