import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, value, values } from '../../later.ts';
import { HOST, LOCK, STATEROOT, UNCHANGED } from '../options.ts';

const args = {
  'deploy-index': value('INDEX', 'change those of this deployment'),
  reboot: flag('reboot when it is done'),
  append: values('KEY[=VALUE]', 'append an argument'),
  replace: values('KEY=VALUE[=NEW]', 'replace the value of an argument'),
  delete: values('KEY[=VALUE]', 'delete an argument'),
  'append-if-missing': values('KEY[=VALUE]', 'append an argument unless it is there'),
  'delete-if-present': values('KEY[=VALUE]', 'delete an argument if it is there'),
  set: value('ARGUMENTS', 'these instead of all that are there', { hidden: true as const }),
  ...UNCHANGED,
  'import-proc-cmdline': flag('start from those of the running kernel'),
  editor: flag('change them in an editor'),
  ...LOCK,
  ...STATEROOT,
  ...HOST,
};

export type KargsArgs = Args<typeof args>;

export const kargs = defineTool({
  name: 'kargs',
  summary: 'show or change kernel arguments',
  description: `Without a change: prints the kernel arguments of the next deployment in one line, without 'ostree=', which names the deployment and is libostree's own.

With changes: makes a deployment of the same commit with other arguments; the one before stays for a rollback. Deletions come first, then replacements, then additions. Of a key with several values the value must be said.

With --editor: opens the arguments in $VISUAL, $EDITOR or vi. Lines that begin with # count for nothing.`,
  args,
  examples: [
    { command: 'apt-ostree kargs --append-if-missing=quiet --unchanged-exit-77', text: 'Boot quietly from now on.' },
    { command: 'apt-ostree kargs --replace=console=ttyS0=ttyS1', text: 'Change one of several consoles.' },
  ],
  seeAlso: ['apt-ostree-rollback(1)', 'kernel-command-line(7)'],
  enter: async () => (await import('../change/writable.ts')).enterWhereReadOnly(),
  work: async () => (await import('./kargs.ts')).kargs,
});
