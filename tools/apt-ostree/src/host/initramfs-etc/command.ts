import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, values } from '../../later.ts';
import { HOST, LOCK, REBOOT, STATEROOT, UNCHANGED } from '../options.ts';

const args = {
  track: values('FILE', 'put this file of /etc into the initramfs'),
  untrack: values('FILE', 'leave it out again'),
  'untrack-all': flag('leave all of them out again'),
  'force-sync': flag('deploy also when no file is added or left out'),
  ...REBOOT,
  ...LOCK,
  ...UNCHANGED,
  ...STATEROOT,
  ...HOST,
};

export type InitramfsEtcArgs = Args<typeof args>;

export const initramfsEtc = defineTool({
  name: 'initramfs-etc',
  summary: 'put files of /etc into the initramfs',
  description: `Without a change: lists the files of /etc that are put into the initramfs of this machine.

With changes: makes a deployment of the same commit whose initramfs has them, as they are now. They are added to the one that comes with the commit, so nothing is made anew. Every further deployment takes them as they are then; --force-sync makes one for that alone. A directory stands for all that is in it. Links that lead out of /etc are refused.`,
  args,
  examples: [
    { command: 'apt-ostree initramfs-etc --track /etc/crypttab', text: 'Unlock the disk as /etc/crypttab says.' },
  ],
  seeAlso: ['apt-ostree-initramfs(1)', 'dracut(8)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./initramfs-etc.ts')).initramfsEtc,
});
