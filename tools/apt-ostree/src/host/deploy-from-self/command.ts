import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, word } from '../../later.ts';

const args = {
  target: word('TARGET_ROOT', 'the root to deploy to'),
  reboot: flag('reboot when it is done'),
};

export type DeployFromSelfArgs = Args<typeof args>;

export const deployFromSelf = defineTool({
  name: 'deploy-from-self',
  summary: 'deploy the container that this runs in',
  description: `Takes the commit that this container was made from, which is in its /ostree/repo, over into the sysroot at TARGET_ROOT, and deploys it there; the deployment is pinned to it. Kernel arguments and /etc are taken over from what boots there now. Every other deployment stays: from in here nobody can tell which one runs.`,
  args,
  examples: [
    { command: 'apt-ostree ex deploy-from-self /target', text: "Deploy to a host's root that is mounted there." },
  ],
  seeAlso: ['apt-ostree-rebase(1)'],
  work: async () => (await import('./deploy-from-self.ts')).deployFromSelf,
});
