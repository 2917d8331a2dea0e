export { type Lock, lock } from './lock.ts';
export { type MakeDirectoriesOptions, makeDirectories } from './make-directories.ts';
export { enter, inNamespace } from './namespace.ts';
export { removeTree } from './remove-tree.ts';
export { type RunOptions, type RunResult, run, runJson } from './run.ts';
export { type Started, start } from './start.ts';
export { sweep, type TemporaryDirectory, temporaryDirectory } from './temporary.ts';
export { span, tracing } from './trace.ts';
