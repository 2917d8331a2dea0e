import { type Args, defineTool } from '@apt-ostree/cli';
import { flag } from '../../later.ts';
import { HOST, STATEROOT } from '../options.ts';

const args = {
  base: flag('temporary files and unused objects', { alias: 'b' }),
  pending: flag('the pending deployment', { alias: 'p' }),
  rollback: flag('the rollback deployment', { alias: 'r' }),
  repomd: flag('cached indices', { alias: 'm' }),
  ...STATEROOT,
  ...HOST,
};

export type CleanupArgs = Args<typeof args>;

export const cleanup = defineTool({
  name: 'cleanup',
  summary: 'remove what is no longer needed',
  description:
    'Removes what is asked for. The booted deployment and pinned ones stay. In a container build, --repomd removes the caches and makes /var what it is in a composed image.',
  args,
  examples: [{ command: 'apt-ostree cleanup --pending', text: 'Give up what an upgrade has staged.' }],
  seeAlso: ['apt-ostree-rollback(1)', 'ostree-admin-pin(1)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./cleanup.ts')).cleanup,
});
