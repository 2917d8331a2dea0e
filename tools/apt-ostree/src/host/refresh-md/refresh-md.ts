import { rmSync } from 'node:fs';
import { holdRoot, type IndexFile, indexFiles, readRelease } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { readSysroot, requireHost } from '@apt-ostree/host';
import { openHostArchives, updateHostArchives } from '../archives/host-archives.ts';
import { targetOf } from '../change/target.ts';
import { makeSysrootWritable } from '../change/writable.ts';
import { utc } from '../utc.ts';
import type { RefreshMdArgs } from './command.ts';
import { countPackages } from './count-packages.ts';

/** `refresh-md`: brings the indices of the host's archives up to date. */
export async function refreshMd(args: RefreshMdArgs, context: Context): Promise<string> {
  requireHost(args.sysroot);
  await makeSysrootWritable();
  const archives = await openHostArchives(targetOf(await readSysroot(args.sysroot), args.stateroot));
  const { root } = archives;
  const held = await holdRoot(root);
  try {
    if (args.force) rmSync(root.lists, { recursive: true, force: true });
    await updateHostArchives(archives, context);
    const names = root.sources.map((s) => `${s.id} ${s.suite}`);
    const files = await indexFiles(root);
    return `Enabled archives: ${names.join(', ')}\n${files.map(line).join('')}`;
  } finally {
    await held.release();
  }
}

function line(index: IndexFile): string {
  const { source, component, release, file } = index;
  const name = [source.id, source.suite, component].filter(Boolean).join(' ');
  return `Archive '${name}'; generated: ${utc(readRelease(release, source).date)} packages: ${countPackages(file)}\n`;
}
