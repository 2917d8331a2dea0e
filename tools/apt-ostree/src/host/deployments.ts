import { flag, later, value } from '../later.ts';
import { cleanup } from './cleanup/command.ts';
import { deploy } from './deploy/command.ts';
import { finalizeDeployment } from './finalize/command.ts';
import { HOST } from './options.ts';
import { rebase } from './rebase/command.ts';
import { reset } from './reset/command.ts';
import { rollback } from './rollback/command.ts';
import { upgrade } from './upgrade/command.ts';

export const deployments = [
  later({
    name: 'status',
    summary: 'show the deployments',
    args: {
      verbose: flag('show more of each deployment', { alias: 'v' }),
      advisories: flag('list the advisories', { alias: 'a' }),
      json: flag('print JSON'),
      jsonpath: value('EXPRESSION', 'print what the JSONPath expression selects', { alias: 'J' }),
      booted: flag('only the booted deployment', { alias: 'b' }),
      'pending-exit-77': flag('end with 77 when a deployment waits for a reboot'),
      pretty: flag('accepted and without effect', { alias: 'p', hidden: true }),
      ...HOST,
    },
  }),
  upgrade,
  deploy,
  rebase,
  rollback,
  cleanup,
  finalizeDeployment,
  reset,
];
