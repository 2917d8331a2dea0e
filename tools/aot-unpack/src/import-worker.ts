import { parentPort, workerData } from 'node:worker_threads';
import { pack } from '@apt-ostree/errors';
import type { PackageItem } from '@apt-ostree/manifest';
import { openBareRepo } from '@apt-ostree/ostree';
import type { Answer } from '@apt-ostree/run';
import { importPackage } from './import-package.ts';
import type { ToWorker, WorkerData } from './import-pool.ts';
import type { PackageRecord } from './record.ts';

// A thread that imports packages: creating and hashing files keeps a processor busy, so there is one for each.
const { cachedir, repo: path } = workerData as WorkerData;
const repo = openBareRepo(path);

parentPort?.on('message', async ({ item, file }: ToWorker) => {
  parentPort?.postMessage(await answer(item, file));
});

async function answer(item: PackageItem, file: string): Promise<Answer<PackageRecord>> {
  try {
    return { done: await importPackage(cachedir, await repo, item, file) };
  } catch (error) {
    return { failed: pack(error) };
  }
}
