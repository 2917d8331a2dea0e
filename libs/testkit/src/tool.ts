import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { start } from '@apt-ostree/run';
import { collect } from './compress.ts';

export interface ToolOptions {
  /** Text or bytes; without it standard input is empty. */
  stdin?: string | Uint8Array;
  /** Added to this process's environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Put before the command, as `fullDisk` returns it. */
  prefix?: readonly string[];
  /** Passes --progress-fd and returns the events. */
  progress?: boolean;
  signal?: AbortSignal;
  /** Milliseconds after which it is killed, so that a hang fails a test; 120 000 unless said. */
  timeout?: number;
}

export interface ToolResult {
  /** The exit code; 128 and the signal's number for one that was killed. */
  code: number;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The lines of --progress-fd, parsed. */
  progress: {
    type: string;
    stage: string;
    phase: string;
    unit: string;
    done: number;
    total: number | null;
    name?: string;
  }[];
}

const TOOLS = fileURLToPath(new URL('../../../tools/', import.meta.url));

/** The built program of a tool, to be run with node. */
export const toolPath = (name: string): string => join(TOOLS, name, 'dist/main.js');

/** Runs a built tool to its end. Never throws because of how it ended. */
export async function tool(name: string, args: readonly string[] = [], options: ToolOptions = {}): Promise<ToolResult> {
  const own = options.progress ? ['--progress-fd', '3', ...args] : args;
  const argv = [...(options.prefix ?? []), process.execPath, toolPath(name), ...own] as [string, ...string[]];
  const { child, ended } = start(argv[0], argv.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    timeout: options.timeout ?? 120_000,
    killSignal: 'SIGKILL',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  child.stdin?.on('error', () => {}); // it may end before it has read everything
  child.stdin?.end(options.stdin ?? '');
  const [stdout, stderr, events] = await Promise.all([1, 2, 3].map((fd) => collect(child.stdio[fd] as Readable)));
  const { code, signal } = await ended;
  return {
    code: code ?? 128 + (signal ? constants.signals[signal] : 0),
    signal,
    stdout: String(stdout),
    stderr: String(stderr),
    progress: String(events)
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}
