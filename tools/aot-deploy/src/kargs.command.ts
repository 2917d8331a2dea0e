import { defineTool, type Option } from '@apt-ostree/cli';
import { AS_READ, STAGING, STATEROOT, SYSROOT } from './options.ts';

const edit = (valueHint: string, description: string) =>
  ({ type: 'string', multiple: true, valueHint, description }) as const satisfies Option;

export const kargs = defineTool({
  name: 'kargs',
  summary: 'make a deployment with other kernel arguments',
  description: `Deploys the commit of a deployment once more, with its kernel arguments changed; the boot loader's menu is written anew, and the deployment with the arguments as they were stays for a rollback. Deletions come first, then replacements, then additions, each in the order given. Where the arguments stay as they are, nothing is deployed.`,
  writes: 'aot.deployment/v1',
  args: {
    index: {
      type: 'string',
      also: ['deploy-index'],
      valueHint: 'N',
      description: 'start from the Nth deployment in the boot order instead of the default',
    },
    append: edit('KEY[=VALUE]', 'add an argument'),
    replace: edit('KEY=VALUE[=NEW]', 'give the argument KEY another value; of several values, put NEW for VALUE'),
    delete: edit('KEY[=VALUE]', 'remove an argument; VALUE is needed where KEY has several'),
    'append-if-missing': edit('KEY[=VALUE]', 'add an argument that is not there yet'),
    'delete-if-present': edit('KEY[=VALUE]', 'remove an argument that may be there'),
    ...STATEROOT,
    ...STAGING,
    ...AS_READ,
    ...SYSROOT,
  },
  examples: [
    {
      command: 'aot-deploy kargs --replace console=ttyS0=ttyS1 --delete-if-present quiet',
      text: 'Change the console and show the messages of the kernel.',
    },
  ],
  seeAlso: ['aot-deploy(1)', 'kernel-command-line(7)'],
  work: async () => (await import('./kargs.ts')).kargs,
});
