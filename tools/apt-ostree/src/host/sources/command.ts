import { type Args, defineTool } from '@apt-ostree/cli';
import { value } from '../../later.ts';
import { HOST, STATEROOT } from '../options.ts';

const args = {
  enable: value('ID', 'let this source count'),
  disable: value('ID', 'let it not count'),
  ...STATEROOT,
  ...HOST,
};

export type SourcesArgs = Args<typeof args>;

export const sources = defineTool({
  name: 'sources',
  summary: 'list the sources of packages, and switch one on or off',
  description: `Prints the entries of the deb822 files in /etc/apt/sources.list.d of the running system, or with --sysroot of the deployment that boots next, as JSON. An entry is called as apt-get's indextargets call it: debian.sources:2 is the second stanza of that file.

With --enable or --disable its field Enabled is written. Entries in one-line form have no such field, and are not listed.`,
  args,
  examples: [{ command: 'apt-ostree ex sources --disable debian.sources:2', text: 'Leave that one out.' }],
  seeAlso: ['sources.list(5)', 'apt-ostree-refresh-md(1)'],
  work: async () => (await import('./sources.ts')).sources,
});
