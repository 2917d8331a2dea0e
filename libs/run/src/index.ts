export { limiter } from './limiter.ts';
export { type Lock, lock } from './lock.ts';
export { type MakeDirectoriesOptions, makeDirectories } from './make-directories.ts';
export { enter, inNamespace, outside } from './namespace.ts';
export { type RunOptions, type RunResult, run, runJson } from './run.ts';
export { type Started, start } from './start.ts';
export { sweep, type TemporaryDirectory, temporaryDirectory } from './temporary.ts';
export { span, tracing } from './trace.ts';
export { type Answer, WorkerPool } from './worker-pool.ts';
