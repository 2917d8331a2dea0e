import { type Args, defineTool } from '@apt-ostree/cli';
import { flag } from '../../later.ts';
import { BYPASS, CACHE_ONLY, DOWNLOAD_ONLY, HOST, LOCK, PACKAGES, REBOOT, STATEROOT, UNCHANGED } from '../options.ts';

const args = {
  ...STATEROOT,
  ...REBOOT,
  'allow-downgrade': flag('accept an older base'),
  preview: flag('only show the difference of packages'),
  'check-diff': flag('older spelling of --preview', { hidden: true }),
  check: flag('only say whether there is an upgrade'),
  ...CACHE_ONLY,
  ...DOWNLOAD_ONLY,
  ...UNCHANGED,
  'upgrade-unchanged-exit-77': flag('older spelling of --unchanged-exit-77', { hidden: true }),
  'trigger-automatic-update-policy': flag('do what the policy for automatic updates says', { hidden: true }),
  ...LOCK,
  ...BYPASS,
  ...PACKAGES,
  ...HOST,
};

export type UpgradeArgs = Args<typeof args>;

export const upgrade = defineTool({
  name: 'upgrade',
  aliases: ['update'],
  summary: 'fetch the newest base and stage it',
  description: `Pulls the branch that the deployment follows, and deploys its newest commit: on the system that runs it is staged and becomes bootable at shutdown, in another sysroot it is written at once. A commit that 'deploy' pinned is given up. An older commit is refused. What was changed in /etc stays; files that the new commit changes too are named. Where it follows a container image, what its tag names now is fetched, without the layers that are here already; how many layers and bytes change is said before.

With --check and --preview nothing is deployed: only the commit is fetched, without its files, and where packages are layered the indices of the archives, as a newer package of those is an upgrade too.`,
  args,
  examples: [
    { command: 'apt-ostree upgrade --reboot', text: 'Upgrade, and reboot into it.' },
    { command: 'apt-ostree upgrade --check', text: 'Say whether there is an upgrade; the exit code is 77 for no.' },
  ],
  seeAlso: ['apt-ostree-rollback(1)', 'apt-ostree-deploy(1)', 'ostree-pull(1)', 'aot-deploy(1)'],
  work: async () => (await import('./upgrade.ts')).upgrade,
});
