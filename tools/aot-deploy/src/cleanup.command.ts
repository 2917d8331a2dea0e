import { defineTool } from '@apt-ostree/cli';
import { AS_READ, STATEROOT, SYSROOT } from './options.ts';

export const cleanup = defineTool({
  name: 'cleanup',
  summary: 'remove deployments and files that are no longer needed',
  description: `Removes what is asked for, and never the booted deployment or a pinned one. Without a booted system the default is what counts as booted.`,
  writes: 'aot.deployment/v1',
  args: {
    base: { type: 'boolean', description: 'what broken-off deployments left, and objects that nothing refers to' },
    pending: { type: 'boolean', description: 'the deployments that come before the booted one' },
    rollback: { type: 'boolean', description: 'the deployments that come after the booted one' },
    ...STATEROOT,
    ...AS_READ,
    ...SYSROOT,
  },
  seeAlso: ['aot-deploy(1)', 'ostree-admin-undeploy(1)', 'ostree-admin-cleanup(1)'],
  work: async () => (await import('./cleanup.ts')).cleanup,
});
