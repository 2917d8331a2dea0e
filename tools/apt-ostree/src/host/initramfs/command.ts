import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, values } from '../../later.ts';
import { HOST, LOCK, REBOOT, STATEROOT } from '../options.ts';

const args = {
  enable: flag('make it on this machine'),
  arg: values('ARG', 'an argument for dracut'),
  disable: flag('use the one that comes with the commit'),
  ...REBOOT,
  ...LOCK,
  ...STATEROOT,
  ...HOST,
};

export type InitramfsArgs = Args<typeof args>;

export const initramfs = defineTool({
  name: 'initramfs',
  summary: 'make the initramfs on this machine, or not',
  description: `Without a change: says whether the initramfs is made on this machine.

With --enable: makes a deployment of the same packages whose initramfs the commit's own dracut made here, with the configuration in /etc/dracut.conf and /etc/dracut.conf.d, in a sandbox without network. Every new base gets one; that takes as long as dracut does. Without --hostonly in --arg it suits any machine. An argument that begins with a dash is given as --arg=-v.

With --disable: goes back to the one that comes with the commit.`,
  args,
  examples: [
    { command: 'apt-ostree initramfs --enable --arg=--add --arg=nfs', text: 'Have the module nfs in the initramfs.' },
  ],
  seeAlso: ['apt-ostree-initramfs-etc(1)', 'dracut(8)', 'dracut.conf(5)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./initramfs.ts')).initramfs,
});
