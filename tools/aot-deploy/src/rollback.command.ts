import { defineTool } from '@apt-ostree/cli';
import { AS_READ, STATEROOT, SYSROOT } from './options.ts';

export const rollback = defineTool({
  name: 'rollback',
  summary: 'boot the other deployment next time',
  description: `Where the booted deployment is the default, the one after it becomes the default; otherwise the booted one does. Nothing is removed, and a second rollback undoes the first.`,
  writes: 'aot.deployment/v1',
  args: { ...STATEROOT, ...AS_READ, ...SYSROOT },
  seeAlso: ['aot-deploy(1)', 'ostree-admin-set-default(1)'],
  work: async () => (await import('./rollback.ts')).rollback,
});
