import type { Option } from '@apt-ostree/cli';
import { flag, later, value, values, word } from '../later.ts';
import { cancel } from './cancel/command.ts';
import { daemonPing } from './daemon-ping/command.ts';
import { kargs } from './kargs/command.ts';
import { HOST, LOCK, REBOOT, STATEROOT, UNCHANGED } from './options.ts';
import { reload } from './reload/command.ts';
import { startDaemon } from './start-daemon/command.ts';
import { usroverlay } from './usroverlay/command.ts';

/** Options of `initramfs-etc`, also under `ex`. */
export const INITRAMFS_ETC: Record<string, Option> = {
  track: values('FILE', 'put this file of /etc into the initramfs'),
  untrack: values('FILE', 'leave it out again'),
  'untrack-all': flag('leave all of them out again'),
  'force-sync': flag('deploy also when no file changed'),
  ...REBOOT,
  ...LOCK,
  ...UNCHANGED,
  ...STATEROOT,
  ...HOST,
};

export const APPLY_LIVE: Record<string, Option> = {
  target: value('COMMIT', 'apply this commit instead of the pending deployment'),
  reset: flag('go back to the booted commit'),
  'allow-replacement': flag('also change and remove files'),
  ...HOST,
};

export const system = [
  kargs,
  later({
    name: 'initramfs',
    summary: 'make the initramfs on this machine, or not',
    args: {
      enable: flag('make it here'),
      arg: values('ARG', 'an argument for dracut'),
      disable: flag('use the one of the base'),
      ...REBOOT,
      ...LOCK,
      ...STATEROOT,
      ...HOST,
    },
  }),
  later({ name: 'initramfs-etc', summary: 'put files of /etc into the initramfs', args: INITRAMFS_ETC }),
  later({ name: 'apply-live', summary: 'apply the pending deployment to the running system', args: APPLY_LIVE }),
  usroverlay,
  cancel,
  reload,
  startDaemon,
  daemonPing,
  later({ name: 'fix-shadow-perms', hidden: true, summary: 'set the mode of shadow files' }),
  later({ name: 'countme', hidden: true, summary: 'count this machine at the archive' }),
  later({
    name: 'kernel-install',
    hidden: true,
    summary: "plugin for systemd's kernel-install",
    args: { arguments: word('add|remove KVER', 'what kernel-install says', { multiple: true }) },
  }),
  later({
    name: 'scriptlet-intercept',
    hidden: true,
    summary: 'stand in for a command in a script',
    args: { program: word('PROGRAM', 'groupadd, useradd or usermod') },
    rest: 'ARGUMENT...',
  }),
];
