import { defineTool } from '@apt-ostree/cli';
import { APPLY_LIVE, INITRAMFS_ETC } from '../host/system.ts';
import { flag, later, value, word } from '../later.ts';
import { checkStage } from './check-stage.command.ts';

export const ex = defineTool({
  name: 'ex',
  hidden: true,
  summary: 'commands that may still change',
  subCommands: [
    checkStage,
    later({
      name: 'apply-live',
      aliases: ['livefs'],
      summary: 'apply the pending deployment to the running system',
      args: APPLY_LIVE,
    }),
    later({
      name: 'history',
      summary: 'show which deployments were booted',
      args: {
        verbose: flag('show more of each deployment', { alias: 'v' }),
        json: flag('print JSON objects'),
        limit: value('N', 'show so many', { alias: 'n', default: '3' }),
        all: flag('show all'),
      },
    }),
    later({ name: 'initramfs-etc', summary: 'put files of /etc into the initramfs', args: INITRAMFS_ETC }),
    later({
      name: 'deploy-from-self',
      summary: 'deploy the container that this runs in',
      args: { target: word('TARGET_ROOT', 'the root to deploy to'), reboot: flag('reboot when it is done') },
    }),
    later({ name: 'rebuild', hidden: true, summary: 'apply /etc/apt-ostree/origin.d to this container' }),
  ],
});
