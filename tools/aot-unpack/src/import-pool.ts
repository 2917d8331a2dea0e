import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Portable, unpack } from '@apt-ostree/errors';
import type { PackageItem } from '@apt-ostree/manifest';
import type { PackageRecord } from './record.ts';

export interface WorkerData {
  cachedir: string;
  /** The package cache, which is there already. */
  repo: string;
}

export interface ToWorker {
  item: PackageItem;
  /** The .deb, below the cache directory. */
  file: string;
}

export type FromWorker = { record: PackageRecord } | { failed: Portable };

/** More threads than this only wait for each other's directory locks. */
const MOST = 8;

/** Threads that import packages, started when they are first needed: a run that finds everything imported has none. */
export class ImportPool {
  readonly size = Math.min(availableParallelism(), MOST);
  readonly #data: WorkerData;
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];

  constructor(data: WorkerData) {
    this.#data = data;
  }

  /** Imports one package; the caller has at most `size` at a time under way. */
  async import(job: ToWorker): Promise<PackageRecord> {
    const worker = this.#idle.pop() ?? this.#start();
    const answer = await ask(worker, job);
    this.#idle.push(worker);
    if ('record' in answer) return answer.record;
    throw unpack(answer.failed);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(new URL('./import-worker.js', import.meta.url), { workerData: this.#data });
    this.#all.push(worker);
    return worker;
  }
}

function ask(worker: Worker, job: ToWorker): Promise<FromWorker> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      worker.off('message', answered).off('error', failed).off('exit', gone);
      settle();
    };
    const answered = (answer: FromWorker) => done(() => resolve(answer));
    const failed = (error: unknown) => done(() => reject(error));
    const gone = () => done(() => reject(new Error('an importing thread ended')));
    worker.on('message', answered).on('error', failed).on('exit', gone);
    worker.postMessage(job);
  });
}
