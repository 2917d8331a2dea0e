export { AotError, type AotErrorOptions, isAotError } from './aot-error.ts';
export { EXIT, type ExitName } from './exit-codes.ts';
export { explain } from './explain.ts';
