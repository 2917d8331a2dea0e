import type { Option } from '@apt-ostree/cli';
import { flag, later, laterGroup, value, values, word } from '../later.ts';
import { install } from './install/command.ts';
import { CHANGE, PACKAGE } from './layer/options.ts';
import { CACHE_ONLY, DRY_RUN, HOST, LOCK, PACKAGES, REBOOT, STATEROOT } from './options.ts';
import { uninstall } from './uninstall/command.ts';

const OVERRIDE: Record<string, Option> = {
  ...STATEROOT,
  ...REBOOT,
  ...DRY_RUN,
  ...LOCK,
  ...CACHE_ONLY,
};

export const packages = [
  install,
  uninstall,
  later({
    name: 'search',
    summary: 'search the packages of the sources',
    args: { term: word('TERM', 'words or globs', { multiple: true }), ...CHANGE, ...HOST },
  }),
  laterGroup(
    { name: 'override', summary: 'replace or remove packages of the base' },
    later({
      name: 'replace',
      summary: 'replace packages of the base',
      args: {
        package: PACKAGE,
        remove: values('PKG', 'also remove this package of the base'),
        experimental: flag('needed for --freeze and --from', { hidden: true }),
        freeze: flag('keep the version that the base has', { hidden: true }),
        from: value('KIND=NAME', 'take the packages from there, as in repo=NAME', { hidden: true }),
        ...OVERRIDE,
        ...PACKAGES,
        ...HOST,
      },
    }),
    later({
      name: 'remove',
      summary: 'remove packages of the base',
      args: {
        package: PACKAGE,
        replace: values('DEB', 'also replace with this package'),
        ...OVERRIDE,
        ...PACKAGES,
        ...HOST,
      },
    }),
    later({
      name: 'reset',
      summary: 'take overrides back',
      args: {
        package: { ...PACKAGE, required: false },
        all: flag('take all of them back', { alias: 'a' }),
        ...OVERRIDE,
        ...PACKAGES,
        ...HOST,
      },
    }),
  ),
  later({
    name: 'refresh-md',
    aliases: ['makecache'],
    summary: 'refresh the indices of the archives',
    args: { force: flag('also those that are fresh', { alias: 'f' }), ...STATEROOT, ...HOST },
  }),
];
