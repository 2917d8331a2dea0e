import type { PackageItem } from '@apt-ostree/manifest';
import { WorkerPool } from '@apt-ostree/run';
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

/** Threads that import packages: a run that finds everything imported starts none. */
export const importPool = (data: WorkerData): WorkerPool<ToWorker, PackageRecord> =>
  new WorkerPool(new URL('./import-worker.js', import.meta.url), data);
