import { type Args, defineTool } from '@apt-ostree/cli';
import { flag } from '../../later.ts';
import { HOST, STATEROOT } from '../options.ts';

const args = { json: flag('print JSON'), ...STATEROOT, ...HOST };

export type EtcDiffArgs = Args<typeof args>;

export const etcDiff = defineTool({
  name: 'etc-diff',
  summary: 'show what was changed in /etc',
  description: `Compares /etc with the defaults of the tree in /usr/etc: A for what was added, M for what was modified (type, mode, owner or content), D for what was removed. In a sysroot that does not run, of the deployment whose /etc the next one gets.`,
  args,
  seeAlso: ['ostree-admin-config-diff(1)'],
  work: async () => (await import('./etc-diff.ts')).etcDiff,
});
