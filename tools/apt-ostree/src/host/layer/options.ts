import { AotError } from '@apt-ostree/errors';
import { flag, values, word } from '../../later.ts';
import { DRY_RUN, LOCK, REBOOT, STATEROOT, UNCHANGED } from '../options.ts';

export const PACKAGE = word('PACKAGE', 'names of packages, .deb files, or URLs of such', { multiple: true as const });
export const NAME = { ...PACKAGE, description: 'names of packages' };

/** Of the commands that change which packages are layered. */
export const CHANGE = {
  ...STATEROOT,
  ...REBOOT,
  ...DRY_RUN,
  assumeyes: flag('ask nothing; nothing is ever asked', { alias: 'y' }),
  'allow-inactive': flag('accept a package that the base already has'),
  idempotent: flag('do nothing when it is requested already'),
  ...UNCHANGED,
  ...LOCK,
  enablerepo: values('ID', 'let this source of /etc/apt/sources.list.d count; in container builds'),
  disablerepo: values('ID', "do not let it count; '*' is all; in container builds"),
};

interface ContainerArgs {
  enablerepo: string[];
  disablerepo: string[];
}

export function refuseContainerOptions({ enablerepo, disablerepo }: ContainerArgs): void {
  const given = enablerepo.length > 0 ? 'enablerepo' : disablerepo.length > 0 ? 'disablerepo' : undefined;
  if (given) throw new AotError('usage', `--${given} currently only works in a container build`);
}
