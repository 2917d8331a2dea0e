import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, word } from '../../later.ts';
import { HOST } from '../options.ts';

const args = {
  deployment: word('DEPLOYMENT', 'its place in the boot order, or its commit; 0 unless said', {
    required: false as const,
  }),
  verbose: flag('show the last lines that each script printed, too; only root can', { alias: 'v' }),
  json: flag('print the whole record as JSON'),
  ...HOST,
};

export type ScriptsArgs = Args<typeof args>;

export const scripts = defineTool({
  name: 'scripts',
  summary: 'show what the scripts of layered packages did',
  description:
    'Lists the scripts that ran when a layered deployment was put together, in their order: package, script and arguments, exit status, duration, what they called that a running system would have acted on, and the paths that they created, changed and removed. The last 15 lines that each script printed are kept with it, for root alone, and on this machine only: they are no part of the commit.',
  args,
  examples: [
    { command: 'apt-ostree ex scripts', text: 'Of the deployment that boots next.' },
    { command: 'apt-ostree ex scripts --verbose', text: 'With what they printed.' },
    { command: 'apt-ostree ex scripts --json 1', text: 'Of the second one, for a program.' },
  ],
  seeAlso: ['apt-ostree-install(1)', 'aot-sandbox(1)'],
  work: async () => (await import('./scripts.ts')).showScripts,
});
