import type { Context } from '@apt-ostree/cli';
import { withIndices } from '../archives/host-archives.ts';
import type { SearchArgs } from './command.ts';
import { type Found, matches, summariesOf } from './matches.ts';

const GROUPS = [
  ['both', 'Summary & Name Matched'],
  ['name', 'Name Matched'],
  ['summary', 'Summary Matched'],
] as const;

/** `search`: the packages of the host's archives by name and summary. */
export const search = (args: SearchArgs, context: Context): Promise<string> =>
  withIndices(args, context, (files) => text(matches(summariesOf(files), args.term)));

function text(found: readonly Found[]): string {
  if (found.length === 0) return 'No matches found.\n';
  return GROUPS.map(([by, title]) => {
    const lines = found.filter((f) => f.by === by).map((f) => `${f.name} : ${f.summary}\n`);
    return lines.length === 0 ? '' : `\n===== ${title} =====\n${lines.join('')}`;
  }).join('');
}
