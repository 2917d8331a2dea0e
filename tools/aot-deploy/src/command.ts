import { defineTool } from '@apt-ostree/cli';
import { cleanup } from './cleanup.command.ts';
import { finalize } from './finalize.command.ts';
import { init } from './init.command.ts';
import { kargs } from './kargs.command.ts';
import { AS_READ, STAGING, STATEROOT, SYSROOT } from './options.ts';
import { pin, unpin } from './pin.command.ts';
import { rollback } from './rollback.command.ts';
import { unlockFinalization } from './unlock-finalization.command.ts';

export const command = defineTool({
  name: 'aot-deploy',
  summary: 'deploy commits in a sysroot',
  description: `Without a command: reads a commit, takes it over into the repository of the sysroot and deploys it, with its /etc merged from the deployment before and that one's kernel arguments. On a booted system the new deployment is staged: it becomes bootable at shutdown. Elsewhere it is written at once. With --commit no manifest is read: the commit is in the sysroot's repository already, or will be by the time that '--commit -' reads its checksum.

The commands change what is deployed: the default, the kernel arguments, what is kept. Everything is done by libostree (ostree admin), of which version 2025.2 or later is needed. Before it is asked to do anything, the whole request is checked: the manifest, the arguments, whether somebody else is at work, the room on /boot and on the sysroot, and what cannot be merged in /etc. After an error the deployments are as they were.`,
  reads: ['aot.commit/v1'],
  writes: 'aot.deployment/v1',
  args: {
    commit: {
      type: 'string',
      valueHint: 'CHECKSUM',
      description:
        "deploy this commit of the sysroot's repository; no manifest is read; '-' is its checksum on standard input",
    },
    refspec: {
      type: 'string',
      valueHint: 'REFSPEC',
      description: "where --commit came from, [REMOTE:]BRANCH, for the deployment's origin; its checksum unless said",
    },
    origin: {
      type: 'string',
      valueHint: 'FILE',
      description: 'the origin file of the new deployment, instead of one that only names the refspec',
    },
    ...STATEROOT,
    ...STAGING,
    karg: {
      type: 'string',
      multiple: true,
      valueHint: 'KEY[=VALUE]',
      description: 'have this kernel argument, and only those that are given so',
    },
    'append-karg': {
      type: 'string',
      multiple: true,
      valueHint: 'KEY[=VALUE]',
      description: 'add a kernel argument to those of the deployment before',
    },
    'delete-karg': {
      type: 'string',
      multiple: true,
      valueHint: 'KEY[=VALUE]',
      description: 'leave out a kernel argument of the deployment before',
    },
    'not-as-default': { type: 'boolean', description: 'put it last in the boot order; never staged' },
    retain: { type: 'boolean', description: 'keep every other deployment; never staged' },
    'no-merge': { type: 'boolean', description: 'take neither /etc nor kernel arguments from the deployment before' },
    ...AS_READ,
    ...SYSROOT,
  },
  subCommands: [init, rollback, pin, unpin, kargs, cleanup, finalize, unlockFinalization],
  examples: [
    {
      command: 'aot-commit --repo build/repo < rootfs.json | aot-deploy --sysroot /mnt --stateroot debian',
      text: 'Deploy what was just committed on a disk that is mounted at /mnt.',
    },
    { command: 'aot-deploy kargs --append quiet', text: 'Boot with one more kernel argument from the next time on.' },
  ],
  files: {
    '/ostree/apt-ostree.lock': 'held for the length of an operation; names its holder',
    '/run/ostree/staged-deployment-locked': 'a shutdown leaves the staged deployment alone',
  },
  seeAlso: ['aot-commit(1)', 'aot.deployment(5)', 'ostree-admin-deploy(1)', 'ostree-admin-status(1)'],
  work: async () => (await import('./deploy.ts')).deploy,
});
