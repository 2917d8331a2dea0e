import { later, word } from '../later.ts';
import { applyLive } from './apply-live/command.ts';
import { cancel } from './cancel/command.ts';
import { daemonPing } from './daemon-ping/command.ts';
import { initramfs } from './initramfs/command.ts';
import { initramfsEtc } from './initramfs-etc/command.ts';
import { kargs } from './kargs/command.ts';
import { reload } from './reload/command.ts';
import { startDaemon } from './start-daemon/command.ts';
import { usroverlay } from './usroverlay/command.ts';

export const system = [
  kargs,
  initramfs,
  initramfsEtc,
  applyLive,
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
