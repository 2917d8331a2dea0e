import { getSystemErrorMap } from 'node:util';
import { AotError, isAotError } from './aot-error.ts';
import type { ExitName } from './exit-codes.ts';

interface SystemError extends Error {
  code: string;
  errno?: number;
  path?: string;
}

const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && typeof (error as SystemError).code === 'string' && 'syscall' in error;

/** What a failed system call means to the user: exit, text and way out by errno name. */
const SYSTEM: Record<string, { exit: ExitName; text: string; hint?: string }> = {
  ENOENT: { exit: 'noInput', text: 'no such file or directory' },
  ENOTDIR: { exit: 'noInput', text: 'not a directory' },
  EISDIR: { exit: 'noInput', text: 'is a directory' },
  EACCES: { exit: 'os', text: 'permission denied' },
  EPERM: { exit: 'os', text: 'operation not permitted' },
  EROFS: { exit: 'cannotCreate', text: 'read-only file system' },
  ENOSPC: { exit: 'io', text: 'no space left on device', hint: 'free some space and run the command again' },
  EDQUOT: { exit: 'io', text: 'disk quota exceeded', hint: 'free some space and run the command again' },
  EIO: { exit: 'io', text: 'input/output error' },
  EPIPE: { exit: 'io', text: 'the reader went away' },
  EMFILE: { exit: 'os', text: 'too many open files', hint: "raise 'ulimit -n'" },
};

/**
 * Turns a failed system call into the error that users see; hands every other value through unchanged.
 * @param what what was being done, as in `cannot read 'tree.yaml'`
 */
export function explain(error: unknown, what: string): unknown {
  if (isAotError(error) || !isSystemError(error)) return error;
  const known = SYSTEM[error.code];
  const text = known?.text ?? getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.code.toLowerCase();
  return new AotError(known?.exit ?? 'io', `${what}: ${text}`, { hint: known?.hint, cause: error });
}
