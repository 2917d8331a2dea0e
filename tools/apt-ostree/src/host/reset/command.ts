import { type Args, defineTool } from '@apt-ostree/cli';
import { flag } from '../../later.ts';
import { HOST, LOCK, PACKAGES, REBOOT, STATEROOT } from '../options.ts';

const args = {
  overlays: flag('layered packages', { alias: 'l' }),
  overrides: flag('overrides of base packages', { alias: 'o' }),
  initramfs: flag('changes to the initramfs', { alias: 'i' }),
  ...REBOOT,
  'lock-finalization': { ...LOCK['lock-finalization'], hidden: true },
  ...STATEROOT,
  ...PACKAGES,
  ...HOST,
};

export type ResetArgs = Args<typeof args>;

export const reset = defineTool({
  name: 'reset',
  summary: 'drop every change to the base',
  description:
    'Deploys the base of the next deployment without what was changed on this host; without an option, all of it.',
  args,
  seeAlso: ['apt-ostree-upgrade(1)', 'apt-ostree-rebase(1)'],
  enter: async () => (await import('../change/enter.ts')).enterAsRoot(),
  work: async () => (await import('./reset.ts')).reset,
});
