import { defineTool } from '@apt-ostree/cli';
import { SYSROOT } from './options.ts';

export const unlockFinalization = defineTool({
  name: 'unlock-finalization',
  summary: 'let the next shutdown make the staged deployment bootable, whatever it is',
  writes: 'aot.deployment/v1',
  args: { ...SYSROOT },
  seeAlso: ['aot-deploy(1)', 'ostree-admin-lock-finalization(1)'],
  work: async () => (await import('./unlock-finalization.ts')).unlockFinalization,
});
