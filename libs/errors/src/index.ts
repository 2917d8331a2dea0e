export { type Portable, pack, unpack } from './across-threads.ts';
export { AotError, type AotErrorOptions, isAotError } from './aot-error.ts';
export { EXIT, type ExitName } from './exit-codes.ts';
export { explain } from './explain.ts';
