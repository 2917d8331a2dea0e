import { type Args, defineTool } from '@apt-ostree/cli';
import { HOST } from '../options.ts';

const args = HOST;

export type ReloadArgs = Args<typeof args>;

export const reload = defineTool({
  name: 'reload',
  summary: 'make the daemon read its configuration again',
  description:
    'The daemon, if it runs, reads its configuration and the deployments again. One that does not run reads them when it starts, as every command does. The file is checked.',
  args,
  files: { '/etc/apt-ostreed.conf': 'the configuration' },
  work: async () => (await import('./reload.ts')).reload,
});
