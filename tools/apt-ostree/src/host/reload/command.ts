import { type Args, defineTool } from '@apt-ostree/cli';
import { HOST } from '../options.ts';

const args = HOST;

export type ReloadArgs = Args<typeof args>;

export const reload = defineTool({
  name: 'reload',
  summary: 'make the daemon read its configuration again',
  description:
    'There is no daemon in this version: every command reads /etc/apt-ostreed.conf when it starts. The file is checked.',
  args,
  files: { '/etc/apt-ostreed.conf': 'the configuration' },
  work: async () => (await import('./reload.ts')).reload,
});
