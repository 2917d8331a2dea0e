import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { AotError } from '@apt-ostree/errors';
import type { RunOptions } from './run.ts';

/** What ends a program before it ends by itself. */
export interface Supervision {
  /** Why it was ended. */
  reason: unknown;
  /** Counts output, which has a limit too. */
  count(bytes: number): void;
  /** To be called when the program has ended. */
  lift(): void;
}

const MOST_OUTPUT = 512 * 1024 * 1024;
/** What a program has from SIGTERM to SIGKILL, in milliseconds. */
const GRACE = 5000;

/** Ends `child` when its time is up, when it writes too much, when it is no longer wanted, and when we end. */
export function supervise(child: ChildProcess, file: string, options: RunOptions): Supervision {
  const what = options.what ?? `cannot run '${file}'`;
  const most = options.maxBuffer ?? MOST_OUTPUT;
  const timers: NodeJS.Timeout[] = [];
  let bytes = 0;
  const end = (reason: unknown, signal: NodeJS.Signals) => {
    if (watch.reason !== undefined) return;
    watch.reason = reason;
    child.once('exit', () => letGoOfOutput(child));
    child.kill(signal);
    timers.push(setTimeout(() => child.kill('SIGKILL'), GRACE));
  };
  const aborted = () => end(options.signal?.reason, 'SIGTERM');
  const dying = () => void child.kill();
  const watch: Supervision = {
    reason: undefined,
    count(more) {
      bytes += more;
      if (bytes > most) end(new AotError('failed', `${what}: it wrote more than ${most} bytes`), 'SIGKILL');
    },
    lift() {
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener('abort', aborted);
      living.delete(dying);
    },
  };
  living.add(dying);
  options.signal?.addEventListener('abort', aborted);
  if (options.timeout !== undefined) {
    const timedOut = new AotError('failed', `${what}: timed out`, { code: 'timeout' });
    timers.push(setTimeout(() => end(timedOut, 'SIGKILL'), options.timeout));
  }
  return watch;
}

/** One listener for all: many programs may run at once. */
const living = new Set<() => void>();
process.on('exit', () => {
  for (const dying of living) dying();
});

/** A killed program's own children may live on and hold its output open; nobody waits for them. */
function letGoOfOutput(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** Keeps what a stream brings. @returns it as text, empty where there is no stream */
export function collect(stream: Readable | null, watch: Supervision): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    watch.count(chunk.length);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
