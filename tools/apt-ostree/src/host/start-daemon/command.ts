import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, value } from '../../later.ts';

const args = {
  debug: flag('say which commands are run', { alias: 'd' }),
  sysroot: value('SYSROOT', 'work on this sysroot', { default: '/' }),
};

export type StartDaemonArgs = Args<typeof args>;

export const startDaemon = defineTool({
  name: 'start-daemon',
  hidden: true,
  summary: 'run the daemon',
  description: 'Runs apt-ostreed in the foreground until nobody needs it.',
  args,
  seeAlso: ['apt-ostreed(8)'],
  work: async () => (await import('./start-daemon.ts')).startDaemon,
});
