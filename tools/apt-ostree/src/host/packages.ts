import type { Option } from '@apt-ostree/cli';
import { flag, later, laterGroup, value, values, word } from '../later.ts';
import { CACHE_ONLY, DOWNLOAD_ONLY, DRY_RUN, HOST, LOCK, PACKAGES, REBOOT, STATEROOT, UNCHANGED } from './options.ts';

const PACKAGE = word('PACKAGE', 'names of packages, or .deb files', { multiple: true });

const CHANGE: Record<string, Option> = {
  ...STATEROOT,
  ...REBOOT,
  ...DRY_RUN,
  assumeyes: flag('ask nothing', { alias: 'y' }),
  'allow-inactive': flag('accept a package that the base already has'),
  idempotent: flag('do nothing when it is requested already'),
  ...UNCHANGED,
  ...LOCK,
  enablerepo: values('ID', 'use this source; in container builds'),
  disablerepo: values('ID', 'leave this source out; in container builds'),
  releasever: value('VERSION', 'the release of the sources; in container builds'),
};

const OVERRIDE: Record<string, Option> = {
  ...STATEROOT,
  ...REBOOT,
  ...DRY_RUN,
  ...LOCK,
  ...CACHE_ONLY,
};

export const packages = [
  later({
    name: 'install',
    aliases: ['pkg-add'],
    summary: 'layer packages',
    args: {
      package: PACKAGE,
      ...CHANGE,
      uninstall: values('PKG', 'also remove this layered package'),
      ...CACHE_ONLY,
      ...DOWNLOAD_ONLY,
      'apply-live': flag('also change the running system', { alias: 'A' }),
      'force-replacefiles': flag('let layered packages replace files of others'),
      ...HOST,
    },
  }),
  later({
    name: 'uninstall',
    aliases: ['remove', 'pkg-remove'],
    summary: 'remove layered packages',
    args: {
      package: { ...PACKAGE, required: false },
      ...CHANGE,
      install: values('PKG', 'also layer this package'),
      all: flag('remove all layered packages'),
      ...HOST,
    },
  }),
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
