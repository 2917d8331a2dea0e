import type { Option } from '@apt-ostree/cli';
import { flag, later, value, values, word } from '../later.ts';
import { HOST, LOCK, REBOOT, STATEROOT, UNCHANGED } from './options.ts';

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
  later({
    name: 'kargs',
    summary: 'show or change kernel arguments',
    args: {
      'deploy-index': value('INDEX', 'change those of this deployment'),
      reboot: flag('reboot when it is done'),
      append: values('KEY[=VALUE]', 'append an argument'),
      replace: values('KEY=VALUE[=NEW]', 'replace the value of an argument'),
      delete: values('KEY[=VALUE]', 'delete an argument'),
      'append-if-missing': values('KEY[=VALUE]', 'append an argument unless it is there'),
      'delete-if-present': values('KEY[=VALUE]', 'delete an argument if it is there'),
      ...UNCHANGED,
      'import-proc-cmdline': flag('start from those of the running kernel'),
      editor: flag('change them in an editor'),
      ...LOCK,
      ...STATEROOT,
      ...HOST,
    },
  }),
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
  later({
    name: 'usroverlay',
    aliases: ['unlock'],
    summary: 'make /usr writable until the next boot',
    args: {
      hotfix: flag('keep the changes over reboots'),
      transient: flag('mount the overlay read-only at first'),
      ...HOST,
    },
  }),
  later({ name: 'cancel', summary: 'cancel the running transaction', args: HOST }),
  later({ name: 'reload', summary: 'make the daemon read its configuration again', args: HOST }),
  later({
    name: 'start-daemon',
    hidden: true,
    summary: 'run the daemon',
    args: {
      debug: flag('say more', { alias: 'd' }),
      sysroot: value('SYSROOT', 'work on this sysroot', { default: '/' }),
    },
  }),
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
