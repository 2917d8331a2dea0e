import { existsSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import type { execa as Execa, Options, ResultPromise } from 'execa';
import { notInstalled } from './not-installed.ts';
import { span } from './trace.ts';

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

/** Loaded by the first program that is run: commands that run none start in half the time without it. */
let execa: typeof Execa | undefined;

/**
 * Runs a program to its end, with an argument vector and never a shell. The child is killed when we die.
 * @returns its exit code and output, decoded as UTF-8
 * @throws AotError `os` when the program is not installed, `failed` with the end of its stderr when it fails
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  execa ??= (await import('execa')).execa;
  return span('command', [file, ...args].join(' '), async () => {
    const child = (execa as typeof Execa)(file, args, execaOptions(options));
    letGoOfOutput(child);
    const result = await child;
    const { exitCode, stdout = '', stderr = '' } = result;
    if (result.code === 'ENOENT' && exitCode === undefined) throw notFound(file, options.cwd);
    if (result.isCanceled) throw options.signal?.reason ?? result;
    if (result.timedOut)
      throw new AotError('failed', `${options.what ?? `cannot run '${file}'`}: timed out`, { code: 'timeout' });
    const ok = options.ok ?? [0];
    if (exitCode === undefined || (ok !== 'any' && !ok.includes(exitCode))) {
      throw failed(file, options, exitCode, result.signal, String(stderr) || String(stdout), result.shortMessage);
    }
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  });
}

/** As `run`, with the output parsed as JSON. */
export async function runJson<T>(file: string, args: readonly string[], options: RunOptions = {}): Promise<T> {
  const { stdout } = await run(file, args, options);
  return JSON.parse(stdout) as T;
}

/** A killed program's own children may live on and hold its output open; nobody waits for them. */
function letGoOfOutput(child: ResultPromise): void {
  child.once('exit', () => {
    if (!child.killed) return;
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
}

const notFound = (file: string, cwd: string | undefined): AotError =>
  cwd === undefined || existsSync(cwd)
    ? notInstalled(file)
    : new AotError('noInput', `cannot run '${file}' in '${cwd}': no such directory`);

function execaOptions(options: RunOptions): Options {
  return {
    reject: false,
    cleanup: true,
    stripFinalNewline: false,
    extendEnv: !options.clearEnv,
    maxBuffer: options.maxBuffer ?? 512 * 1024 * 1024,
    stdout: options.stdout === 'stderr' ? 2 : (options.stdout ?? 'pipe'),
    stderr: options.stderr ?? 'pipe',
    ...(options.input === undefined ? { stdin: options.stdin ?? 'ignore' } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env as Record<string, string> }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout, killSignal: 'SIGKILL' }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  } as Options;
}

function failed(
  file: string,
  options: RunOptions,
  exitCode: number | undefined,
  signal: string | undefined,
  output: string,
  short: string | undefined,
): AotError {
  const how =
    exitCode !== undefined ? `${file} ended with ${exitCode}` : signal ? `${file} was killed by ${signal}` : short;
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
