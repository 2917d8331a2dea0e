import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, value } from '../../later.ts';

const args = {
  verbose: flag('show more of each deployment', { alias: 'v' }),
  json: flag('print JSON objects, one after the other'),
  limit: value('N', 'show so many', { alias: 'n', default: '3' }),
  all: flag('show all'),
};

export type HistoryArgs = Args<typeof args>;

export const history = defineTool({
  name: 'history',
  summary: 'show which deployments were booted',
  description: `Shows the deployments that were booted, the last one first, with when and by which command each was made. Boots of the same deployment that follow each other are one entry. All of it comes from the journal, and goes back as far as the journal does; without one that is kept over reboots (journald.conf(5), Storage=) there is only the current boot.`,
  args,
  seeAlso: ['journalctl(1)'],
  work: async () => (await import('./history.ts')).history,
});
