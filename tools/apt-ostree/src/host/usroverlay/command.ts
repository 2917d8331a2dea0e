import { type Args, defineTool } from '@apt-ostree/cli';
import { flag } from '../../later.ts';
import { HOST } from '../options.ts';

const args = {
  hotfix: flag('keep the changes over reboots'),
  transient: flag('mount the overlay read-only at first'),
  ...HOST,
};

export type UsroverlayArgs = Args<typeof args>;

export const usroverlay = defineTool({
  name: 'usroverlay',
  aliases: ['unlock'],
  summary: 'make /usr writable until the next boot',
  description: `Mounts an overlay over /usr of the system that runs.

With --hotfix the deployment is copied first, and the changes stay until the next upgrade.

With --transient the overlay is read-only until it is mounted again: 'LIBMOUNT_FORCE_MOUNT2=always mount -o remount,rw /usr'. The variable makes mount(8) use the older system call; by the newer one overlays cannot be changed.`,
  args,
  seeAlso: ['ostree-admin-unlock(1)'],
  work: async () => (await import('./usroverlay.ts')).usroverlay,
});
