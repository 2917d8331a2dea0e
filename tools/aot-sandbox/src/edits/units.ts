import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import type { Edit } from './edit.ts';

/** treefile units: enabled by the tree's own systemctl, which follows their [Install] sections offline. */
export const units: Edit = {
  key: 'units',
  wanted: (treefile) => treefile.units.length > 0,
  async apply({ treefile, sandbox, path }) {
    if (!lstatSync(path('/usr/bin/systemctl'), { throwIfNoEntry: false })) {
      throw new AotError('failed', "cannot enable units: the tree has no 'systemctl'", {
        hint: "add 'systemd' to the packages of the treefile",
      });
    }
    const argv = ['/usr/bin/systemctl', '--root=/', 'enable', '--', ...treefile.units];
    await sandbox.run({ as: { package: 'treefile', script: 'units' }, argv });
  },
};

const UNITS = '/usr/lib/systemd/system';

/** treefile default-target: what systemctl set-default writes (systemd.special(7), default.target). */
export const defaultTarget: Edit = {
  key: 'default-target',
  wanted: (treefile) => treefile['default-target'] !== undefined,
  apply({ treefile, path }) {
    const target = `${UNITS}/${treefile['default-target']}`;
    if (!lstatSync(path(target), { throwIfNoEntry: false }))
      throw new AotError('failed', `cannot set default target: '${target}' is not in the tree`);
    const link = path('/etc/systemd/system/default.target');
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(target, link);
  },
};
