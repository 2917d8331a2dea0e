import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { notFound } from './not-installed.ts';
import { span } from './trace.ts';

export interface Started {
  child: ChildProcess;
  /** Settles when the child has ended and its streams are closed. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Starts a program whose streams the caller works with while it runs: a decompressor, the next stage, a sandbox.
 * Argument vectors only. The caller must await `ended` or kill the child.
 */
export function start(file: string, args: readonly string[], options: SpawnOptions = {}): Started {
  const child = spawn(file, args, { ...options, shell: false });
  const ended = span('command', [file, ...args].join(' '), () => settle(child, file, options.cwd));
  ended.catch(() => {});
  return { child, ended };
}

function settle(child: ChildProcess, file: string, cwd: SpawnOptions['cwd']) {
  return new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? notFound(file, cwd?.toString()) : error),
    );
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}
