import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, word } from '../../later.ts';
import { HOST, STATEROOT } from '../options.ts';

const args = {
  checksum: word('CHECKSUM', 'the base commit that is expected', { required: false }),
  'allow-missing-checksum': flag('go on without CHECKSUM'),
  'allow-unlocked': flag('go on when it is not locked'),
  ...STATEROOT,
  ...HOST,
};

export type FinalizeArgs = Args<typeof args>;

export const finalizeDeployment = defineTool({
  name: 'finalize-deployment',
  summary: 'unlock a staged deployment and reboot into it',
  description:
    'Lets the shutdown finalize what was staged with --lock-finalization, if it is the commit that is expected, and reboots.',
  args,
  examples: [
    {
      command: 'apt-ostree finalize-deployment --allow-missing-checksum',
      text: 'Reboot into whatever is staged.',
    },
  ],
  seeAlso: ['apt-ostree-upgrade(1)', 'ostree-admin-lock-finalization(1)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./finalize.ts')).finalizeDeployment,
});
