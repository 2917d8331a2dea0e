import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, value, word } from '../../later.ts';
import { BYPASS, CACHE_ONLY, DOWNLOAD_ONLY, HOST, LOCK, PACKAGES, REBOOT, STATEROOT, UNCHANGED } from '../options.ts';

const args = {
  revision: word('REVISION', 'a checksum, revision=CHECKSUM or version=VERSION', { required: false }),
  ...STATEROOT,
  ...REBOOT,
  preview: flag('only show the difference of packages'),
  ...CACHE_ONLY,
  ...DOWNLOAD_ONLY,
  'skip-branch-check': flag('accept a commit of another branch'),
  ...LOCK,
  'disallow-downgrade': flag('refuse an older commit'),
  ...UNCHANGED,
  'register-driver': value('NAME', 'say that program NAME drives the updates'),
  'driver-unit': value('UNIT', 'it is this unit of systemd, and not the one that the command runs in', {
    hidden: true,
  }),
  ...BYPASS,
  'ex-cliwrap': value('true|false', 'wrap the commands of the package manager', { hidden: true }),
  ...PACKAGES,
  ...HOST,
};

export type DeployArgs = Args<typeof args>;

export const deploy = defineTool({
  name: 'deploy',
  summary: 'deploy a commit or a version',
  description: `Deploys a commit of the branch that the deployment follows, also an older one, and stays on it until the next upgrade. A version is looked for in the history of the branch, from its newest commit on. A commit of another branch is refused, unless --skip-branch-check is given.`,
  args,
  examples: [
    { command: 'apt-ostree deploy version=13.1', text: 'Go to that version of the branch.' },
    { command: 'apt-ostree deploy --preview 13.1', text: 'Say which packages would change.' },
  ],
  seeAlso: ['apt-ostree-upgrade(1)', 'apt-ostree-rebase(1)'],
  enter: async () => (await import('../change/enter.ts')).enterAsRoot(),
  work: async () => (await import('./deploy.ts')).deploy,
});
