import { defineTool } from '@apt-ostree/cli';

export const daemonPing = defineTool({
  name: 'daemon-ping',
  hidden: true,
  summary: 'ask whether the daemon answers',
  description: 'Starts the daemon where the bus can, asks it, and prints pong.',
  seeAlso: ['apt-ostreed(8)'],
  work: async () => (await import('./daemon-ping.ts')).daemonPing,
});
