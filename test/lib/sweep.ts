import { afterAll, type RunnerTask } from 'vitest';
import { removeTrees } from './remove-trees.ts';

/**
 * Removes directories at the end of the file or `describe` that calls this, unless a test or a hook in it has failed. It is
 * done for each file and all that `scratch` made; a `describe` does it where the next one is to have the room.
 */
export function sweepAfter(directories: () => readonly string[]): void {
  // biome-ignore lint/correctness/noEmptyPattern: vitest insists on a pattern where it hands fixtures over
  afterAll(async ({}, suite) => {
    if (!hasFailed(suite)) await removeTrees(...directories());
  });
}

/** What is known of a file, a `describe` or a test while it runs. */
export type Outcome = Pick<RunnerTask, 'result'> & { tasks?: readonly Outcome[] };

export const hasFailed = ({ result, tasks = [] }: Outcome): boolean =>
  result?.state === 'fail' || tasks.some(hasFailed);
