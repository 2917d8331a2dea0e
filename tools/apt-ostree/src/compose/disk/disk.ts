import { renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { removeTree, sweep, temporaryDirectory } from '@apt-ostree/run';
import { enable } from './account.ts';
import type { DiskArgs } from './command.ts';
import { type Loader, makeLoader } from './grub.ts';
import { type Identifiers, identifiers } from './identifiers.ts';
import { writeImage } from './image.ts';
import { type DiskRequest, readRequest } from './request.ts';
import { chooseSize } from './size.ts';
import { findSource, type Source } from './source.ts';
import { type DiskSysroot, makeSysroot } from './sysroot.ts';
import { together } from './together.ts';
import { asQcow2 } from './tools.ts';
import { checkOutTree, type DiskTree } from './tree.ts';

/** `compose disk`: a deployment made by the tree's own programs, and file systems filled from it. */
export async function disk(args: DiskArgs, context: Context): Promise<string> {
  const request = await readRequest(args);
  const directory = dirname(request.output);
  await sweep(directory);
  const temporary = await temporaryDirectory(directory);
  try {
    const image = await make(request, temporary.path, context);
    renameSync(image, request.output);
  } finally {
    await temporary.remove();
  }
  return `Wrote: ${args.output}\n`;
}

/** @returns where the image is, ready to be renamed */
async function make(request: DiskRequest, work: string, context: Context): Promise<string> {
  const source = findSource(request);
  const settings = [request.size, request.stateroot, request.kargs, request.separateBoot];
  const ids = identifiers(source.commit, settings);
  const tree = await checkOutTree(source, work, context.signal);
  const { loader, sysroot } = await useTree(tree, { source, request, ids }).finally(() => tree.close());
  if (!loader.bios) context.note("the image boots through UEFI only: the tree has no GRUB for BIOS ('grub-pc-bin')");
  sysroot.measure.add(sysroot.path, join(sysroot.path, sysroot.deployment, 'usr'));
  const size = chooseSize(sysroot.measure.content, request);
  const image = join(work, basename(request.output));
  const parts = { size, sysroot, loader, ids, source, request, signal: context.signal };
  await together(writeImage(image, parts), removeTree(tree.path));
  return request.format === 'qcow2' ? asQcow2(image, context.signal) : image;
}

interface Plan {
  source: Source;
  request: DiskRequest;
  ids: Identifiers;
}

/** All that the tree's own programs do, for which it is checked out. */
async function useTree(
  tree: DiskTree,
  { source, request, ids }: Plan,
): Promise<{ loader: Loader; sysroot: DiskSysroot }> {
  const loader = makeLoader(tree, request.separateBoot ? ids.boot : ids.root, request.separateBoot);
  const sysroot = makeSysroot(tree, source, request, ids);
  await together(loader, sysroot);
  if (request.account !== undefined) await enable(tree, await sysroot, request.account);
  return { loader: await loader, sysroot: await sysroot };
}
