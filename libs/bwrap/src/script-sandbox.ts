import { closeSync, fstatSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Started, span, start } from '@apt-ostree/run';
import { type Control, makeControl } from './control-directory.ts';
import { TALK, withoutTalk } from './debconf-talk.ts';
import { endedBadly, Output, scriptFailed, timedOut } from './failures.ts';
import { LAUNCH } from './launch.ts';
import type { Overlay } from './overlay.ts';
import { Recording, type Row } from './record.ts';
import { type Bind, sandboxArguments } from './sandbox-arguments.ts';
import { UpperWalk } from './upper-walk.ts';

const [launcher, ...launch] = LAUNCH;

export interface ScriptSandboxOptions {
  /** The clock of the run, seconds since the epoch. */
  epoch: number;
  /** Seconds after which a script that neither ends nor begins another is given up. */
  timeout: number;
  signal?: AbortSignal;
  /** Called when a script begins. */
  onScript?: (package_: string, script: string) => void;
}

export interface Call {
  /** Who does what scripts don't do, in the record. */
  as: { package: string; script: string };
  argv: readonly string[];
  binds?: readonly Bind[];
  env?: Record<string, string>;
  chdir?: string;
}

/**
 * Runs programs over an overlay, one after the other, with the same /run and /tmp, and records what each script among them
 * did. A stub around a script (see stubs.ts) stops before and after it until the tree has been looked at.
 */
export class ScriptSandbox {
  readonly overlay: Overlay;
  readonly control: Control;
  /** The script record so far, in the order of ending. */
  readonly rows: Row[] = [];
  readonly #options: ScriptSandboxOptions;
  #walk: UpperWalk;
  readonly #output: string;
  #binds: readonly Bind[] = [];

  private constructor(overlay: Overlay, control: Control, options: ScriptSandboxOptions) {
    this.overlay = overlay;
    this.control = control;
    this.#options = options;
    this.#walk = new UpperWalk(overlay.upper, overlay.lower);
    this.#output = join(overlay.scratch, 'output');
    writeFileSync(this.#output, '');
  }

  static async open(overlay: Overlay, options: ScriptSandboxOptions): Promise<ScriptSandbox> {
    return new ScriptSandbox(overlay, await makeControl(overlay.memory), options);
  }

  /**
   * Runs one program to its end.
   * @throws AotError `failed`, naming the script that failed, hung or did not return, with the end of its output
   */
  async run(call: Call): Promise<void> {
    const recording = new Recording({ ...call.as, args: [...call.argv] });
    const fd = openSync(this.#output, 'a+');
    try {
      await span('phase', call.argv.slice(0, 3).join(' '), () => this.#execute(call, recording, fd));
    } finally {
      closeSync(fd);
    }
    this.rows.push(...recording.rows);
  }

  /** Adds these mounts to every call from now on. */
  always(binds: readonly Bind[]): void {
    this.#binds = binds;
  }

  /** Records what we did to the tree ourselves, if anything. */
  recordOwn(as: { package: string; script: string }): void {
    const recording = new Recording({ ...as, args: [] });
    const changes = this.#walk.look();
    if (changes.created.length + changes.changed.length + changes.removed.length === 0) return;
    recording.changed(changes);
    recording.close(0);
    this.rows.push(...recording.rows);
  }

  /** Lets later walks be about what comes from now on: worth it after a call that wrote much. */
  async checkpoint(): Promise<void> {
    if (await this.overlay.checkpoint()) this.#walk = new UpperWalk(this.overlay.upper, this.overlay.lower);
  }

  /** How much was printed, bytes. */
  get printed(): number {
    return statSync(this.#output).size;
  }

  /** What was printed since it was that much. */
  outputSince(size: number): string {
    return withoutTalk(readFileSync(this.#output).subarray(size).toString('utf8'));
  }

  close(): void {
    this.control.close();
    rmSync(this.control.path, { recursive: true, force: true });
  }

  async #execute(call: Call, recording: Recording, fd: number): Promise<void> {
    const output = new Output(fd, fstatSync(fd).size);
    const started = this.#start(call, fd);
    const failure = this.#watch(started, recording, output);
    const { code, signal } = await started.ended;
    failure.stop();
    this.#take(recording, output);
    recording.changed(this.#walk.look());
    recording.close(code ?? 128);
    if (failure.error) throw failure.error;
    if (this.#options.signal?.aborted) throw this.#options.signal.reason;
    if (recording.current || code !== 0) throw endedBadly(call.as, recording.current, code, signal, output);
  }

  #start(call: Call, fd: number): Started {
    const { overlay, control } = this;
    const args = sandboxArguments(overlay.merged, {
      ...{ epoch: this.#options.epoch, run: join(overlay.memory, 'run'), tmp: join(overlay.memory, 'tmp') },
      binds: [...control.binds, ...this.#binds, ...(call.binds ?? [])],
      env: { ...TALK, ...call.env },
      ...(call.chdir ? { chdir: call.chdir } : {}),
    });
    const umask = process.umask(0o022);
    try {
      return start(launcher, [...launch, ...args, ...call.argv], { stdio: ['ignore', fd, fd] });
    } finally {
      process.umask(umask);
    }
  }

  /** Answers stops, and ends the program on the first failure or when nothing happens for too long. */
  #watch({ child }: Started, recording: Recording, output: Output) {
    const watched: { error?: Error; stop: () => void } = { stop: () => {} };
    const give_up = (error?: Error) => {
      if (error) watched.error ??= error;
      child.kill('SIGKILL');
    };
    const limit = this.#options.timeout;
    const timer = setTimeout(() => give_up(timedOut(recording.current, recording.own, limit, output)), limit * 1000);
    const aborted = () => give_up();
    this.#options.signal?.addEventListener('abort', aborted);
    this.control.onStop(() => {
      timer.refresh();
      try {
        this.#take(recording, output);
        this.control.acknowledge();
      } catch (error) {
        give_up(error as Error);
      }
    });
    watched.stop = () => {
      clearTimeout(timer);
      this.control.onStop(() => {});
      this.#options.signal?.removeEventListener('abort', aborted);
    };
    return watched;
  }

  /** Takes what stubs and recorders said since the last stop. */
  #take(recording: Recording, output: Output): void {
    for (const message of this.control.log.read()) {
      const betweenScripts = recording.current === undefined;
      if (message.type !== 'call') recording.changed(this.#walk.look(betweenScripts ? 'directories' : 'all'));
      const ended = recording.message(message, output);
      if (message.type === 'begin') this.#options.onScript?.(message.package, message.script);
      if (ended && ended.exit !== 0) throw scriptFailed(ended, output);
    }
  }
}
