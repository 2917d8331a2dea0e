import { type Args, defineTool } from '@apt-ostree/cli';
import { choice, word } from '../../later.ts';
import { HOST, STATEROOT } from '../options.ts';

const args = {
  by: choice(['name', 'provides', 'text'], 'what the terms are: names, names that packages provide, or words', {
    default: 'name',
  }),
  term: word('TERM', 'what is looked for', { multiple: true as const }),
  ...STATEROOT,
  ...HOST,
};

export type FindPackagesArgs = Args<typeof args>;

export const findPackages = defineTool({
  name: 'find-packages',
  summary: 'find packages of the archives, for a program',
  description: `Prints the packages of the host's archives that have one of the names, that provide it, or whose name or summary has one of the words as in 'apt-ostree search', as JSON: of every package its newest version.

The indices are fetched where there are none, or where they are older than four hours.`,
  args,
  examples: [
    { command: 'apt-ostree ex find-packages htop', text: 'What the archives have of it.' },
    { command: 'apt-ostree ex find-packages --by provides mail-transport-agent', text: 'Who provides it.' },
  ],
  seeAlso: ['apt-ostree-search(1)', 'apt-ostree-refresh-md(1)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./find-packages.ts')).findPackages,
});
