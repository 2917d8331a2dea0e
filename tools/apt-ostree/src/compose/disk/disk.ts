import { renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { sweep, temporaryDirectory } from '@apt-ostree/run';
import { enable } from './account.ts';
import type { DiskArgs } from './command.ts';
import { makeLoader } from './grub.ts';
import { identifiers } from './identifiers.ts';
import { writeImage } from './image.ts';
import { type DiskRequest, readRequest } from './request.ts';
import { chooseSize } from './size.ts';
import { findSource } from './source.ts';
import { makeSysroot } from './sysroot.ts';
import { asQcow2 } from './tools.ts';
import { checkOutTree } from './tree.ts';

/** `compose disk`: a deployment made by the tree's own programs, and file systems filled from it. */
export async function disk(args: DiskArgs, context: Context): Promise<string> {
  const request = readRequest(args);
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
  const source = await findSource(request, context.signal);
  const settings = [request.size, request.stateroot, request.kargs, request.separateBoot];
  const ids = identifiers(source.commit, settings);
  const tree = await checkOutTree(source, work, context.signal);
  const loader = await makeLoader(tree, request.separateBoot ? ids.boot : ids.root, request.separateBoot);
  if (!loader.bios) context.note("the image boots through UEFI only: the tree has no GRUB for BIOS ('grub-pc-bin')");
  const sysroot = await makeSysroot(tree, source, request, ids);
  if (request.account !== undefined) await enable(tree, sysroot, request.account);
  const size = chooseSize(sysroot.path, request);
  const image = join(work, basename(request.output));
  await writeImage(image, { size, sysroot, loader, ids, source, request, signal: context.signal });
  return request.format === 'qcow2' ? asQcow2(image, context.signal) : image;
}
