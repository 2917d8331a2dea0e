import { type Args, defineTool } from '@apt-ostree/cli';
import { HOST, REBOOT, STATEROOT } from '../options.ts';

const args = { ...REBOOT, ...STATEROOT, ...HOST };

export type RollbackArgs = Args<typeof args>;

export const rollback = defineTool({
  name: 'rollback',
  summary: 'make the previous deployment the default again',
  description:
    'Makes the deployment behind the booted one the default; where the booted one is not the default, makes it so. Nothing is removed: a second rollback undoes the first. A staged deployment has to be removed before.',
  args,
  examples: [{ command: 'apt-ostree rollback --reboot', text: 'Go back to what ran before.' }],
  seeAlso: ['apt-ostree-upgrade(1)', 'apt-ostree-cleanup(1)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./rollback.ts')).rollback,
});
