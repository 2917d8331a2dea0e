import { readFileSync } from 'node:fs';
import { ageOf, holdRoot, indexFiles } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { readSysroot, requireHost } from '@apt-ostree/host';
import { openHostArchives, updateHostArchives } from '../archives/host-archives.ts';
import { targetOf } from '../change/target.ts';
import { makeSysrootWritable } from '../change/writable.ts';
import { FRESH } from '../layer/stages.ts';
import type { SearchArgs } from './command.ts';
import { type Found, matches, summaries } from './matches.ts';

const GROUPS = [
  ['both', 'Summary & Name Matched'],
  ['name', 'Name Matched'],
  ['summary', 'Summary Matched'],
] as const;

/** `search`: the packages of the host's archives by name and summary. */
export async function search(args: SearchArgs, context: Context): Promise<string> {
  requireHost(args.sysroot);
  await makeSysrootWritable();
  const archives = await openHostArchives(targetOf(await readSysroot(args.sysroot), args.stateroot));
  const held = await holdRoot(archives.root);
  try {
    if (ageOf(archives.root) > FRESH) await updateHostArchives(archives, context);
    const files = await indexFiles(archives.root);
    const texts = files.map(({ file }) => readFileSync(file, 'utf8'));
    return text(matches(summaries(texts), args.term));
  } finally {
    await held.release();
  }
}

function text(found: readonly Found[]): string {
  if (found.length === 0) return 'No matches found.\n';
  return GROUPS.map(([by, title]) => {
    const lines = found.filter((f) => f.by === by).map((f) => `${f.name} : ${f.summary}\n`);
    return lines.length === 0 ? '' : `\n===== ${title} =====\n${lines.join('')}`;
  }).join('');
}
