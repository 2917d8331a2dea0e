import { type Args, defineTool } from '@apt-ostree/cli';
import { flag } from '../../later.ts';
import { HOST, STATEROOT } from '../options.ts';

const args = {
  force: flag('fetch also what did not change', { alias: 'f' }),
  ...STATEROOT,
  ...HOST,
};

export type RefreshMdArgs = Args<typeof args>;

export const refreshMd = defineTool({
  name: 'refresh-md',
  aliases: ['makecache'],
  summary: 'refresh the indices of the archives',
  description: `Brings what is known of the host's archives up to date, and says what they have. The archives are those that /etc/apt of the running system names; with --sysroot those of the deployment that boots next.`,
  args,
  seeAlso: ['apt-ostree-search(1)', 'apt-ostree-install(1)', 'sources.list(5)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./refresh-md.ts')).refreshMd,
});
