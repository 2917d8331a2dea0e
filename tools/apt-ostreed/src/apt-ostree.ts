import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ownProgram, type StageError, stageErrorOf } from '@apt-ostree/pipeline';
import { run, start } from '@apt-ostree/run';

/** Our children do the work themselves: they do not ask the daemon for it. */
const ENVIRONMENT = { APT_OSTREE_DIRECT: '1' };

/** What apt-ostree prints, for what only looks. */
export async function ask(args: readonly string[], signal?: AbortSignal): Promise<string> {
  const [program = '', ...words] = ownProgram('apt-ostree');
  const { stdout } = await run(program, [...words, ...args], {
    env: ENVIRONMENT,
    what: `cannot run 'apt-ostree ${args[0]}'`,
    ...(signal === undefined ? {} : { signal }),
  });
  return stdout;
}

/** How apt-ostree ended: its exit code, and what it said where it failed. */
export interface Ending {
  code: number;
  error: StageError | undefined;
}

export interface Listener {
  /** A line of its standard output. */
  line(text: string): void;
  /** A line of its standard error. */
  note(text: string): void;
  /** A line of --progress-fd. */
  progress(text: string): void;
}

/** A change that apt-ostree makes for us. */
export interface Change {
  ended: Promise<Ending>;
  /** Asks it to take back what it did and to end. */
  cancel(): void;
}

/** After that long it is killed. */
const PATIENCE = 20_000;

/** The service has mounts of its own, and what it mounts the system does not see. */
const SYSTEM = ['nsenter', '--mount=/proc/1/ns/mnt', '--'];

/**
 * Starts apt-ostree, for a command line that somebody gave. It is ended should we die.
 * @param live among the mounts of the system
 */
export function change(args: readonly string[], title: string, live: boolean, listener: Listener): Change {
  const options = ['--json-errors', '--progress-fd', '3'];
  const program = [...(live ? SYSTEM : []), ...ownProgram('apt-ostree')];
  const argv = ['--pdeathsig', 'TERM', '--', ...program, ...args, ...options];
  const { child, ended } = start('setpriv', argv, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...ENVIRONMENT, APT_OSTREE_COMMAND_LINE: title },
  });
  let error: Ending['error'];
  const read = [
    lines(child.stdout as Readable, listener.line),
    lines(child.stderr as Readable, (text) => {
      const found = stageErrorOf(text);
      if (found) error = found;
      else listener.note(text);
    }),
    lines(child.stdio[3] as Readable, listener.progress),
  ];
  let timer: NodeJS.Timeout | undefined;
  const settle = async (): Promise<Ending> => {
    const { code, signal } = await ended;
    clearTimeout(timer);
    await Promise.all(read);
    return { code: code ?? (signal === 'SIGKILL' ? 137 : 143), error };
  };
  return {
    ended: settle(),
    cancel: () => {
      child.kill('SIGTERM');
      timer ??= setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    },
  };
}

async function lines(stream: Readable, each: (text: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) each(line);
}
