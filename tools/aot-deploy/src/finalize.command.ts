import { defineTool } from '@apt-ostree/cli';
import { AS_READ, STATEROOT, SYSROOT } from './options.ts';

export const finalize = defineTool({
  name: 'finalize',
  summary: 'let the next shutdown make a locked staged deployment bootable',
  description: `Unlocks the staged deployment, if its base is the commit that is expected. The reboot is left to the caller.`,
  writes: 'aot.deployment/v1',
  args: {
    checksum: {
      type: 'positional',
      required: false,
      valueHint: 'CHECKSUM',
      description: 'the base commit that the staged deployment must have',
    },
    'allow-unlocked': { type: 'boolean', description: 'go on when it is not locked' },
    ...STATEROOT,
    ...AS_READ,
    ...SYSROOT,
  },
  seeAlso: ['aot-deploy(1)', 'ostree-admin-lock-finalization(1)'],
  work: async () => (await import('./finalize.ts')).finalize,
});
