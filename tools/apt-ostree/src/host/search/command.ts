import { type Args, defineTool } from '@apt-ostree/cli';
import { word } from '../../later.ts';
import { CHANGE } from '../layer/options.ts';
import { HOST } from '../options.ts';

const args = {
  term: word('TERM', 'words or globs', { multiple: true as const }),
  ...CHANGE,
  ...HOST,
};

export type SearchArgs = Args<typeof args>;

export const search = defineTool({
  name: 'search',
  summary: 'search the packages of the archives',
  description: `Lists the packages of the host's archives whose name or summary has one of the words, whatever their case; a term with *, ? or [ is a glob for the whole name or summary. First those where both match, then by name, then by summary.

The indices are fetched where there are none, or where they are older than four hours. Options of other commands are accepted as rpm-ostree does, and change nothing.`,
  args,
  examples: [{ command: "apt-ostree search 'htop*' 'process viewer'", text: 'Two terms: each package that has one.' }],
  seeAlso: ['apt-ostree-refresh-md(1)', 'apt-ostree-install(1)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./search.ts')).search,
});
