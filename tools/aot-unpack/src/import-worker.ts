import { parentPort, workerData } from 'node:worker_threads';
import { pack } from '@apt-ostree/errors';
import type { PackageItem } from '@apt-ostree/manifest';
import { openBareRepo } from '@apt-ostree/ostree';
import { importPackage } from './import-package.ts';
import type { FromWorker, ToWorker, WorkerData } from './import-pool.ts';

// A thread that imports packages: creating and hashing files keeps a processor busy, so there is one for each.
const { cachedir, repo: path } = workerData as WorkerData;
const repo = openBareRepo(path);

parentPort?.on('message', async ({ item, file }: ToWorker) => {
  parentPort?.postMessage(await answer(item, file));
});

async function answer(item: PackageItem, file: string): Promise<FromWorker> {
  try {
    return { record: await importPackage(cachedir, await repo, item, file) };
  } catch (error) {
    return { failed: pack(error) };
  }
}
