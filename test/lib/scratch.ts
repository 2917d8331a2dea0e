import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SCRATCH } from './checkout.ts';
import { refuseMounts } from './remove-trees.ts';

/** What this test file has made: vitest loads modules anew for each file. */
const made = new Set<string>();

/**
 * Makes an empty directory for the test file that runs. It goes when all tests of the file have passed, and stays where one
 * has failed, until the next run of the suite. What several files use is made with `once` instead.
 * @param name tells it from the directories of other files
 */
export function scratch(name: string): string {
  const directory = join(SCRATCH, name);
  refuseMounts(directory);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  made.add(directory);
  return directory;
}

/** All that `scratch` has made here. */
export const scratches = (): readonly string[] => [...made];
