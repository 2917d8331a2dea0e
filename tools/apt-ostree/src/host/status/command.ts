import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, value } from '../../later.ts';
import { ADVISORIES } from '../advisories.ts';
import { HOST } from '../options.ts';

const args = {
  verbose: flag('show more of each deployment', { alias: 'v' }),
  ...ADVISORIES,
  json: flag('print JSON'),
  jsonpath: value('EXPRESSION', 'print what the JSONPath expression (RFC 9535) selects', { alias: 'J' }),
  booted: flag('only the booted deployment', { alias: 'b' }),
  'pending-exit-77': flag('end with 77 when a deployment waits for a reboot'),
  pretty: flag('accepted and without effect', { alias: 'p', hidden: true }),
  ...HOST,
};

export type StatusArgs = Args<typeof args>;

export const status = defineTool({
  name: 'status',
  summary: 'show the deployments',
  description: `Shows what the machine can boot, the next default first, and a dot before what runs now: where each deployment comes from, its version and commit, who signed it, what was changed on this host, and for the one that waits for a reboot which packages differ. A deployment that cannot be used, because its origin file is corrupt or its directory is gone, is listed with what is wrong; until that is mended, nothing can be changed. Of the system that runs it also says which updates come by themselves, and whether the last shutdown failed to finalize what was staged.

With --verbose also indices, stateroots, the packages that differ by name and version, and which files of /etc were changed both here and by the deployment that waits: of those the local file is kept. Only root can tell which.

Needs no privilege. The JSON has rpm-ostree's members and types, and deployment-error for what is wrong with one. A package in it is ["NAME_VERSION_ARCH", NAME, EPOCH, UPSTREAM, REVISION, ARCH].`,
  args,
  examples: [
    { command: 'apt-ostree status', text: 'Show the deployments.' },
    { command: "apt-ostree status --jsonpath '$.deployments[0].checksum'", text: 'The commit that boots next.' },
  ],
  seeAlso: ['ostree-admin-status(1)'],
  work: async () => (await import('./status.ts')).status,
});
