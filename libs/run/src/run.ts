import { AotError, isAotError } from '@apt-ostree/errors';
import { type Started, start } from './start.ts';
import { collect, supervise } from './supervise.ts';

export interface RunOptions {
  cwd?: string;
  /** Added to the environment, or the whole of it with `clearEnv`. */
  env?: Record<string, string | undefined>;
  clearEnv?: boolean;
  /** Bytes for standard input; without it, standard input is empty. */
  input?: string | Uint8Array;
  /** A descriptor for standard input instead, for programs that open /dev/stdin by name: they cannot open what `input` is. */
  stdin?: number | undefined;
  /** Where the output goes: kept (default), to our standard error, or thrown away. */
  stdout?: 'pipe' | 'stderr' | 'ignore';
  stderr?: 'pipe' | 'inherit' | 'ignore';
  /** Exit codes that are no failure; [0] by default. 'any' for all. */
  ok?: readonly number[] | 'any';
  /** Milliseconds after which the child is killed. */
  timeout?: number;
  signal?: AbortSignal;
  /** What was being done, for the error: `cannot commit to 'repo'`. */
  what?: string;
  hint?: string;
  /** Bytes of output that are kept; more is an error. */
  maxBuffer?: number;
}

export interface RunResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end, with an argument vector and never a shell. The child is killed when we die.
 * @returns its exit code and output, decoded as UTF-8
 * @throws AotError `os` when the program is not installed, `failed` with the end of its stderr when it fails
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const { child, ended } = begin(file, args, options);
  const watch = supervise(child, file, options);
  const stdout = collect(child.stdout, watch);
  const stderr = collect(child.stderr, watch);
  child.stdin?.on('error', () => {}).end(options.input); // it need not read it
  const { code, signal } = await ended
    .catch((error) => {
      throw isAotError(error) ? error : failed(file, options, '', error.message);
    })
    .finally(watch.lift);
  if (watch.reason !== undefined) throw watch.reason;
  const ok = options.ok ?? [0];
  if (code === null || (ok !== 'any' && !ok.includes(code))) {
    const how = code === null ? `${file} was killed by ${signal}` : `${file} ended with ${code}`;
    throw failed(file, options, stderr() || stdout(), how);
  }
  return { exitCode: code, stdout: stdout(), stderr: stderr() };
}

/** As `run`, with the output parsed as JSON. */
export async function runJson<T>(file: string, args: readonly string[], options: RunOptions = {}): Promise<T> {
  const { stdout } = await run(file, args, options);
  return JSON.parse(stdout) as T;
}

/** What the kernel refuses at once, as too long a list of arguments, is a failure like any other. */
function begin(file: string, args: readonly string[], options: RunOptions): Started {
  try {
    return start(file, args, {
      stdio: [
        options.input === undefined ? (options.stdin ?? 'ignore') : 'pipe',
        options.stdout === 'stderr' ? 2 : (options.stdout ?? 'pipe'),
        options.stderr ?? 'pipe',
      ],
      env: options.clearEnv ? { ...options.env } : { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } catch (error) {
    throw failed(file, options, '', (error as Error).message);
  }
}

function failed(file: string, options: RunOptions, output: string, how: string): AotError {
  const tail = output.trim().split('\n').slice(-12).join('\n');
  const full = /no space left on device|ENOSPC|min-free-space-\w+ '.*' would be exceeded/i.test(tail);
  const readOnly = /read-only file system/i.test(tail);
  return new AotError(
    full ? 'io' : readOnly ? 'cannotCreate' : 'failed',
    `${options.what ?? `cannot run '${file}'`}: ${tail || how}`,
    {
      hint: options.hint ?? (full ? 'free some space and run the command again' : undefined),
      code: 'command-failed',
    },
  );
}
