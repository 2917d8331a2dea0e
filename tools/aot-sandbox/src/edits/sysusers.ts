import { lstatSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import type { Edit } from './edit.ts';

const PROGRAM = '/usr/bin/systemd-sysusers';

/** treefile sysusers: compose-forced makes every account that /usr/lib/sysusers.d declares, by the tree's own systemd. */
export const sysusers: Edit = {
  key: 'sysusers',
  wanted: (treefile) => treefile.sysusers === 'compose-forced',
  async apply({ sandbox, path }) {
    if (!lstatSync(path(PROGRAM), { throwIfNoEntry: false })) {
      throw new AotError('failed', "cannot make the declared users: the tree has no 'systemd-sysusers'", {
        hint: "add 'systemd' to the packages of the treefile, or leave out 'sysusers: compose-forced'",
      });
    }
    await sandbox.run({ as: { package: 'treefile', script: 'sysusers' }, argv: [PROGRAM] });
  },
};
