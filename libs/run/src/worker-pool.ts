import { availableParallelism } from 'node:os';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { type Portable, unpack } from '@apt-ostree/errors';

/** What a thread answers to a job: its result, or why there is none. */
export type Answer<Result> = { done: Result } | { failed: Portable };

/** More threads than this only wait for each other's directory locks. */
const MOST = 8;

export interface PoolOptions {
  /** At most so many threads. */
  most?: number;
  /** Room for a thread's short-lived objects, in MiB. V8's own choice is 48, which many threads multiply. */
  young?: number;
  /** And for the others. V8's own choice is gigabytes, and it lets garbage lie accordingly. */
  old?: number;
}

/** Threads that do jobs, one for each processor, started when they are first needed. */
export class WorkerPool<Job, Result> {
  readonly size: number;
  readonly #script: URL;
  readonly #options: WorkerOptions;
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];

  /** @param script the bundle of a file that answers every message with an `Answer` */
  constructor(script: URL, data: unknown, { most = MOST, young, old }: PoolOptions = {}) {
    this.size = Math.min(availableParallelism(), most);
    this.#script = script;
    this.#options = {
      workerData: data,
      resourceLimits: {
        ...(young === undefined ? {} : { maxYoungGenerationSizeMb: young }),
        ...(old === undefined ? {} : { maxOldGenerationSizeMb: old }),
      },
    };
  }

  /** Has one job done; the caller has at most `size` at a time under way. */
  async do(job: Job): Promise<Result> {
    const worker = this.#idle.pop() ?? this.#start();
    const answer = await ask<Job, Result>(worker, job);
    this.#idle.push(worker);
    if ('done' in answer) return answer.done;
    throw unpack(answer.failed);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(this.#script, this.#options);
    this.#all.push(worker);
    return worker;
  }
}

function ask<Job, Result>(worker: Worker, job: Job): Promise<Answer<Result>> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      worker.off('message', answered).off('error', failed).off('exit', gone);
      settle();
    };
    const answered = (answer: Answer<Result>) => done(() => resolve(answer));
    const failed = (error: unknown) => done(() => reject(error));
    const gone = () => done(() => reject(new Error('a working thread ended')));
    worker.on('message', answered).on('error', failed).on('exit', gone);
    worker.postMessage(job);
  });
}
