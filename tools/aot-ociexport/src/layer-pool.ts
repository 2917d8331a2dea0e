import type { Compression, WrittenLayer } from '@apt-ostree/oci';
import { WorkerPool } from '@apt-ostree/run';
import type { PlannedLayer } from './planned.ts';

export interface LayerWorkerData {
  repo: string;
  compression: Compression;
}

export interface LayerJob {
  layer: PlannedLayer;
  /** The file to write. */
  file: string;
}

/** So that the memory of all together stays below 300 MiB on any machine. */
const LIMITS = { most: 6, young: 2, old: 256 };

/** Threads that make layers: a run whose layers are all in the cache starts none. */
export const layerPool = (data: LayerWorkerData): WorkerPool<LayerJob, WrittenLayer> =>
  new WorkerPool(new URL('./layer-worker.js', import.meta.url), data, LIMITS);
