import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';
import { removeTree } from '@apt-ostree/run';
import { biosBoot } from './bios-boot.ts';
import type { Loader } from './grub.ts';
import type { Identifiers } from './identifiers.ts';
import { type Layout, layOut, type Partition, partition, partitionTable } from './partitions.ts';
import type { DiskRequest } from './request.ts';
import type { Size } from './size.ts';
import type { Source } from './source.ts';
import type { DiskSysroot } from './sysroot.ts';
import { together } from './together.ts';
import { type DiskTools, diskTools } from './tools.ts';

export interface ImageParts {
  size: Size;
  sysroot: DiskSysroot;
  loader: Loader;
  ids: Identifiers;
  source: Source;
  request: DiskRequest;
  signal: AbortSignal;
}

/** Writes the whole disk into one sparse file: every tool works at its partition's offset, so that they can at once. */
export async function writeImage(file: string, parts: ImageParts): Promise<void> {
  const { size, loader, ids, request } = parts;
  const layout = layOut(size.disk, request.separateBoot);
  const tools = diskTools(file, request.output, parts.source.epoch, size, parts.signal);
  create(file, size.disk, request.output);
  await tools.partition(partitionTable(layout, ids, loader.architecture));
  await together(writeBoot(tools, layout, parts), writeRoot(tools, partition(layout, 'root'), parts));
  if (loader.bios !== undefined) writeBios(file, loader.bios, partition(layout, 'bios'), request.output);
}

async function writeBoot(tools: DiskTools, layout: Layout, { sysroot, loader, ids }: ImageParts): Promise<void> {
  await tools.esp(partition(layout, 'esp'), ids.esp, loader.efi);
  if (sysroot.boot !== undefined)
    await tools.ext4(partition(layout, 'boot'), { label: 'boot', uuid: ids.boot, seed: ids.hashSeed }, sysroot.boot);
}

async function writeRoot(tools: DiskTools, root: Partition, { sysroot, ids, size }: ImageParts): Promise<void> {
  const { path, deployment } = sysroot;
  const options = { label: 'root', uuid: ids.root, seed: ids.hashSeed, inodes: size.inodes };
  await tools.ext4(root, options, path, () => remove(sysroot));
  await tools.makeImmutable(root, deployment);
}

/** What the file system is filled from is large, and nobody needs it afterwards: a third of its names is in each of these. */
async function remove({ path, deployment }: DiskSysroot): Promise<void> {
  const thirds = ['ostree/repo', join(deployment, 'usr/lib'), join(deployment, 'usr/share')];
  await together(...thirds.map((third) => removeTree(join(path, third))));
  await removeTree(path);
}

function create(file: string, size: number, output: string): void {
  withFile(file, output, 'wx', (fd) => ftruncateSync(fd, size));
}

function writeBios(file: string, bios: NonNullable<Loader['bios']>, place: Partition, output: string): void {
  const { code, core } = biosBoot(bios.boot, bios.core, place.start, place.size);
  withFile(file, output, 'r+', (fd) => {
    writeSync(fd, code, 0, code.length, 0);
    writeSync(fd, core, 0, core.length, place.start);
  });
}

function withFile(file: string, output: string, flags: string, work: (fd: number) => void): void {
  try {
    const fd = openSync(file, flags);
    try {
      work(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw explain(error, `cannot write '${output}'`);
  }
}
