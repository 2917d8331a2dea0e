import type { Readable, Writable } from 'node:stream';
import type { ProgressEvent } from '@apt-ostree/cli';
import type { AotError } from '@apt-ostree/errors';
import { inNamespace, start } from '@apt-ostree/run';
import type { Stage } from './stage.ts';
import { type StageError, stageErrorOf } from './stage-error.ts';

/** How long a stage may take to clean up before it is killed, milliseconds. */
const GRACE = 10_000;

const LEASH = ['--pdeathsig', 'KILL', '--'];
/** The second unshare is the namespace's init: it has no handlers to lose, waits, and ends the namespace with the program. */
const FENCE = ['unshare', '--pid', '--mount-proc', '--fork', '--kill-child', '--', 'unshare', '--fork', '--'];

export interface Surroundings {
  /** Added to the environment of every stage. */
  env?: Readonly<Record<string, string>>;
  /** No notes from our own stages. */
  quiet?: boolean;
  progress(event: ProgressEvent): void;
  /** A line of a stage's standard error that is no error report. */
  line(text: string): void;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A stage that runs: its streams, how it ended, and what it said. */
export class RunningStage {
  readonly stage: Stage;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly ended: Promise<Ending>;
  /** True once we asked it to end: then how it ends says nothing about it. */
  stopped = false;
  ending: Ending | undefined;
  /** What is wrong with its output, once it has ended well. */
  wrongOutput: AotError | undefined;
  /** What it reported with --json-errors. */
  error: StageError | undefined;
  /** The last lines of its standard error, for a stage that reports no other way. */
  readonly tail: string[] = [];
  readonly #pid: number | undefined;

  /**
   * Starts a stage. It is killed by the kernel when we die. One that is not ours gets a process group and, where we may, a
   * process namespace of its own: only so its children, of which we know nothing, end with it.
   */
  constructor(stage: Stage, first: boolean, surroundings: Surroundings) {
    this.stage = stage;
    const fenced = !stage.own && inNamespace();
    const quiet = surroundings.quiet ? ['--quiet'] : [];
    const extra = stage.own ? ['--progress-fd', '3', '--json-errors', ...quiet] : [];
    const { child, ended } = start('setpriv', [...LEASH, ...(fenced ? FENCE : []), ...stage.command, ...extra], {
      stdio: [first ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(stage.own ? ['pipe' as const] : [])],
      detached: !stage.own,
      env: { ...process.env, ...surroundings.env },
    });
    this.#pid = child.pid;
    this.stdin = child.stdin;
    this.stdout = child.stdout as Readable;
    this.ended = ended.then((ending) => {
      this.ending = ending;
      return ending;
    });
    this.ended.catch(() => {});
    eachLine(child.stderr as Readable, (line) => this.#heard(line, surroundings));
    const events = child.stdio[3];
    if (events) eachLine(events as Readable, (line) => surroundings.progress(JSON.parse(line) as ProgressEvent));
  }

  /** Asks the stage to end, and kills it when it does not. */
  stop(): void {
    if (this.stopped || this.ending) return;
    this.stopped = true;
    this.#kill('SIGTERM');
    this.stdin?.destroy(); // one that waits for its input would wait on
    const timer = setTimeout(() => this.#kill('SIGKILL'), GRACE);
    this.ended.catch(() => {}).finally(() => clearTimeout(timer));
  }

  get failed(): boolean {
    return this.wrongOutput !== undefined || (this.ending !== undefined && this.ending.code !== 0);
  }

  #heard(line: string, surroundings: Surroundings): void {
    const error = this.stage.own ? stageErrorOf(line) : undefined;
    if (error) {
      this.error = error;
      return;
    }
    this.tail.push(line);
    if (this.tail.length > 5) this.tail.shift();
    surroundings.line(line);
  }

  #kill(signal: NodeJS.Signals): void {
    if (this.#pid === undefined || this.ending) return;
    try {
      process.kill(this.stage.own ? this.#pid : -this.#pid, signal);
    } catch {
      // it has just ended
    }
  }
}

function eachLine(stream: Readable, heard: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('error', () => {});
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() as string;
    for (const part of parts) if (part !== '') heard(part);
  });
  stream.on('end', () => {
    if (rest !== '') heard(rest);
  });
}
