import { resolve } from 'node:path';
import type { Args, Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { cachePaths, defaultCachedir, type RootfsManifest, readStream } from '@apt-ostree/manifest';
import { openBareRepo } from '@apt-ostree/ostree';
import { span } from '@apt-ostree/run';
import { assemble } from './assemble.ts';
import { ImportQueue } from './import-queue.ts';
import { openTarget } from './target.ts';
import { unpackOrder } from './unpack-order.ts';

/** Reads aot.archives/v1, in either form, and makes the tree. Importing begins with the first package that arrives. */
export async function unpack(args: Args, context: Context): Promise<RootfsManifest> {
  const rootfs = args['rootfs'] as string | undefined;
  if (rootfs === undefined)
    throw new AotError('usage', "option '--rootfs' is missing", { hint: 'say where the tree is to be made' });
  const cachedir = resolve((args['cachedir'] as string | undefined) ?? defaultCachedir());
  const queue = new ImportQueue(cachedir, context);
  const manifest = await readStream(
    context.lines(),
    (envelope) => queue.begin(envelope),
    (item) => queue.add(item),
  );
  const packages = unpackOrder(manifest, await span('phase', 'import', () => queue.finish()));
  const repo = await openBareRepo(cachePaths(cachedir).repo);
  const target = await openTarget(resolve(rootfs));
  try {
    const unpacked = await span('phase', 'assemble', async () => assemble(manifest, packages, repo, target, context));
    await target.publish();
    const { archives: _archives, ...carried } = manifest;
    return { ...carried, kind: 'aot.rootfs/v1', rootfs, cachedir, state: 'unpacked', unpacked, scripts: [] };
  } finally {
    await target.close();
  }
}
