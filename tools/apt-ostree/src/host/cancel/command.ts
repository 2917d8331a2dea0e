import { type Args, defineTool } from '@apt-ostree/cli';
import { HOST } from '../options.ts';

const args = HOST;

export type CancelArgs = Args<typeof args>;

export const cancel = defineTool({
  name: 'cancel',
  summary: 'cancel the running transaction',
  description:
    'Asks whoever works on the sysroot to end, the daemon or a command, and waits until it has. What it did so far is taken back; the deployments stay as they were before it.',
  args,
  seeAlso: ['apt-ostree-status(1)'],
  work: async () => (await import('./cancel.ts')).cancel,
});
