import { parentPort, workerData } from 'node:worker_threads';
import { pack } from '@apt-ostree/errors';
import { type WrittenLayer, writeLayer } from '@apt-ostree/oci/layer';
import { FileObjects } from '@apt-ostree/ostree';
import type { Answer } from '@apt-ostree/run';
import type { LayerJob, LayerWorkerData } from './layer-pool.ts';
import { writeEntries } from './write-entries.ts';

// A thread that makes layers: compression keeps a processor busy, so there is one for each.
const { repo, compression } = workerData as LayerWorkerData;

parentPort?.on('message', async (job: LayerJob) => {
  parentPort?.postMessage(await answer(job));
});

async function answer({ layer, file }: LayerJob): Promise<Answer<WrittenLayer>> {
  try {
    return { done: await writeLayer(writeEntries(layer.entries, new FileObjects(repo), repo), compression, file) };
  } catch (error) {
    return { failed: pack(error) };
  }
}
