import { defineTool } from '@apt-ostree/cli';
import { rebuild } from '../container/rebuild.command.ts';
import { applyLive } from '../host/apply-live/command.ts';
import { deployFromSelf } from '../host/deploy-from-self/command.ts';
import { etcDiff } from '../host/etc-diff/command.ts';
import { findPackages } from '../host/find-packages/command.ts';
import { history } from '../host/history/command.ts';
import { initramfsEtc } from '../host/initramfs-etc/command.ts';
import { scripts } from '../host/scripts/command.ts';
import { sources } from '../host/sources/command.ts';
import { checkStage } from './check-stage.command.ts';

export const ex = defineTool({
  name: 'ex',
  hidden: true,
  summary: 'commands that may still change',
  subCommands: [
    checkStage,
    { ...applyLive, aliases: ['livefs'] },
    history,
    etcDiff,
    initramfsEtc,
    scripts,
    findPackages,
    sources,
    deployFromSelf,
    rebuild,
  ],
});
