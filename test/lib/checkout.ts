import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout. */
export const TOP = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where the end-to-end tests work: on the checkout's file system, swept by the next run. */
export const SCRATCH = join(TOP, 'build/e2e');

/** One cache for all end-to-end tests, kept between runs as a developer's would be. */
export const CACHE = join(TOP, 'build/e2e-cache');

/** A built tool's program. */
export const program = (tool: string): string => join(TOP, 'node_modules/.bin', tool);
