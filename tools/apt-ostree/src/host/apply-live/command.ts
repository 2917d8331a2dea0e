import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, value } from '../../later.ts';
import { HOST } from '../options.ts';

const args = {
  target: value('COMMIT', 'apply this commit instead of the pending deployment'),
  reset: flag('go back to the booted commit'),
  'allow-replacement': flag('also change and remove files'),
  ...HOST,
};

export type ApplyLiveArgs = Args<typeof args>;

export const applyLive = defineTool({
  name: 'apply-live',
  summary: 'apply the pending deployment to the running system',
  description: `Makes what the pending deployment, or another commit, has more than the booted one appear in the running /usr, without a reboot. An overlay is mounted over /usr for that ('Unlocked: transient' in the status), so the deployment itself stays as it is, and the next boot is of what is deployed then. It is mounted for the whole system, also when a service or a program with mounts of its own asks for it.

New files of /etc are copied, and stay. System users are made (systemd-sysusers), directories in /run and /var too (systemd-tmpfiles), and the manager reads its units again; services are neither started nor restarted, but those that are concerned are named.

What would be changed or removed is refused without --allow-replacement: programs that run may need it. What was changed in /etc on this machine, and users, groups and the cache of libraries there, are left alone even then.

A run that was broken off is finished by the next one, or undone by --reset.`,
  args,
  examples: [
    { command: 'apt-ostree apply-live', text: 'Use what was just layered, without a reboot.' },
    { command: 'apt-ostree apply-live --reset', text: 'Take it back.' },
  ],
  files: { '/run/apt-ostree/live.json': 'what is applied; gone with the boot, as the overlay is' },
  seeAlso: ['apt-ostree-usroverlay(1)', 'systemd-sysusers(8)', 'systemd-tmpfiles(8)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enterSystem(),
  work: async () => (await import('./apply-live.ts')).applyLive,
});
