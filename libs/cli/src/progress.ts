import { readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';

export type PhaseName =
  | 'index'
  | 'solve'
  | 'download'
  | 'import'
  | 'layers'
  | 'assemble'
  | 'unpack'
  | 'scripts'
  | 'postprocess'
  | 'initramfs'
  | 'commit'
  | 'export';

/** One line of --progress-fd. `done` rises to `total`, which may be null while unknown. */
export interface ProgressEvent {
  type: 'begin' | 'progress' | 'end';
  stage: string;
  phase: PhaseName;
  unit: 'bytes' | 'items';
  done: number;
  total: number | null;
  /** What is being worked on: a package, a script. */
  name?: string;
}

export interface Phase {
  /** Sets how much is done, and on what. */
  update(done: number, name?: string): void;
  add(amount: number, name?: string): void;
  setTotal(total: number): void;
  end(): void;
}

/** At most five events a second and phase; the first and the last always. */
const INTERVAL = 200;

/** Tells whoever wants to know how far the work is: a descriptor as JSON lines, or the terminal, or nobody. */
export class Progress {
  readonly #stage: string;
  readonly #sinks: ((event: ProgressEvent) => void)[];

  constructor(stage: string, sinks: ((event: ProgressEvent) => void)[]) {
    this.#stage = stage;
    this.#sinks = sinks;
  }

  /** Hands on an event of another stage. */
  forward(event: ProgressEvent): void {
    for (const sink of this.#sinks) sink(event);
  }

  phase(phase: PhaseName, total: number | null, unit: 'bytes' | 'items' = 'items'): Phase {
    let done = 0;
    let last = 0;
    let all = total;
    let current: string | undefined;
    let open = true;
    const send = (type: ProgressEvent['type']) =>
      this.forward({
        type,
        stage: this.#stage,
        phase,
        unit,
        done,
        total: all,
        ...(current === undefined ? {} : { name: current }),
      });
    const update = (value: number, name?: string) => {
      done = value;
      if (name !== undefined) current = name;
      const now = performance.now();
      if (now - last < INTERVAL) return;
      last = now;
      send('progress');
    };
    send('begin');
    return {
      update,
      add: (amount, name) => update(done + amount, name),
      setTotal: (value) => {
        all = value;
      },
      end: () => {
        if (!open) return;
        open = false;
        if (all !== null) done = all;
        send('end');
      },
    };
  }
}

/**
 * Whether a descriptor came with the process and can be written to. The process has some of its own at numbers that were
 * free: event loops, and pipes of which it holds both ends.
 */
export function isOpenForWriting(fd: number): boolean {
  const target = targetOf(fd);
  if (target === undefined || target.startsWith('anon_inode:') || accessOf(fd) === READ_ONLY) return false;
  if (!target.startsWith('pipe:')) return true;
  const others = readdirSync('/proc/self/fd').map(Number);
  return !others.some((other) => targetOf(other) === target && accessOf(other) === READ_ONLY);
}

/** O_RDONLY of open(2), in the two bits of O_ACCMODE. */
const READ_ONLY = 0;

/** What a descriptor is open on, see proc_pid_fd(5); undefined where it is closed. */
function targetOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

const accessOf = (fd: number): number =>
  Number.parseInt(/^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0', 8) & 3;

/** Writes events to a descriptor; a reader that went away ends the telling, not the work. */
export function descriptorSink(fd: number): (event: ProgressEvent) => void {
  let alive = true;
  return (event) => {
    if (!alive) return;
    try {
      writeSync(fd, `${JSON.stringify(event)}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') alive = false;
    }
  };
}
