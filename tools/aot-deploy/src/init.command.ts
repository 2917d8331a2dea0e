import { defineTool } from '@apt-ostree/cli';
import { SYSROOT } from './options.ts';

export const init = defineTool({
  name: 'init',
  summary: 'make a sysroot, or add a stateroot to one',
  description: `Makes the directory that --sysroot names into a sysroot: a repository, /boot, and a stateroot for the deployments of one operating system. The root of a deployment is read-only, also seen through /sysroot. What is there already stays; settings that are given are written.`,
  writes: 'aot.deployment/v1',
  args: {
    stateroot: {
      type: 'string',
      also: ['os'],
      valueHint: 'STATEROOT',
      description: 'the name of the stateroot',
      default: 'debian',
    },
    bootloader: {
      type: 'enum',
      options: ['auto', 'none', 'grub2', 'syslinux', 'uboot', 'zipl', 'aboot'],
      description: 'which boot loader libostree writes a menu for; none writes the boot loader entries alone',
    },
    bootprefix: {
      type: 'boolean',
      description: 'put /boot before the paths in boot loader entries: /boot is no file system of its own',
    },
    ...SYSROOT,
  },
  examples: [
    {
      command: 'aot-deploy init --sysroot /mnt --stateroot debian --bootloader none --bootprefix',
      text: 'Prepare the file system at /mnt, with /boot on it, for deployments.',
    },
  ],
  seeAlso: ['aot-deploy(1)', 'ostree.repo-config(5)'],
  work: async () => (await import('./init.ts')).init,
});
