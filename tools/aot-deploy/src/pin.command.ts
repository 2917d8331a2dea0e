import { defineTool, type Option } from '@apt-ostree/cli';
import { SYSROOT } from './options.ts';

const INDEX = {
  index: {
    type: 'positional',
    valueHint: 'INDEX',
    description: 'its place in the boot order, 0 for the default',
  },
} as const satisfies Record<string, Option>;

export const pin = defineTool({
  name: 'pin',
  summary: 'keep a deployment whatever is deployed later',
  writes: 'aot.deployment/v1',
  args: { ...INDEX, ...SYSROOT },
  seeAlso: ['aot-deploy(1)', 'ostree-admin-pin(1)'],
  work: async () => (await import('./pin.ts')).pin,
});

export const unpin = defineTool({
  name: 'unpin',
  summary: 'let a pinned deployment go with the next changes',
  writes: 'aot.deployment/v1',
  args: { ...INDEX, ...SYSROOT },
  seeAlso: ['aot-deploy(1)', 'ostree-admin-pin(1)'],
  work: async () => (await import('./pin.ts')).unpin,
});
