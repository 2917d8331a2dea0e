import { defineTool } from '@apt-ostree/cli';
import { deployFromSelf } from '../host/deploy-from-self/command.ts';
import { etcDiff } from '../host/etc-diff/command.ts';
import { history } from '../host/history/command.ts';
import { scripts } from '../host/scripts/command.ts';
import { APPLY_LIVE, INITRAMFS_ETC } from '../host/system.ts';
import { later } from '../later.ts';
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
    history,
    etcDiff,
    scripts,
    later({ name: 'initramfs-etc', summary: 'put files of /etc into the initramfs', args: INITRAMFS_ETC }),
    deployFromSelf,
    later({ name: 'rebuild', hidden: true, summary: 'apply /etc/apt-ostree/origin.d to this container' }),
  ],
});
