import { flag, later, value, word } from '../later.ts';
import { cleanup } from './cleanup/command.ts';
import { finalizeDeployment } from './finalize/command.ts';
import { BYPASS, CACHE_ONLY, DOWNLOAD_ONLY, HOST, LOCK, PACKAGES, REBOOT, STATEROOT, UNCHANGED } from './options.ts';
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
  later({
    name: 'deploy',
    summary: 'deploy a commit or a version',
    args: {
      revision: word('REVISION', 'a checksum, revision=CHECKSUM or version=VERSION', { required: false }),
      ...STATEROOT,
      ...REBOOT,
      preview: flag('only show the difference of packages'),
      ...CACHE_ONLY,
      ...DOWNLOAD_ONLY,
      'skip-branch-check': flag('accept a commit of another branch'),
      ...LOCK,
      'disallow-downgrade': flag('refuse an older commit'),
      ...UNCHANGED,
      'register-driver': value('NAME', 'say that program NAME drives the updates'),
      ...BYPASS,
      'ex-cliwrap': value('true|false', 'wrap the commands of the package manager', { hidden: true }),
      ...PACKAGES,
      ...HOST,
    },
  }),
  later({
    name: 'rebase',
    summary: 'switch to another base and keep the layered packages',
    args: {
      refspec: word('REFSPEC', 'the new base: [REMOTE:]BRANCH, a checksum or an image reference', { required: false }),
      revision: word('REVISION', 'the commit or version to deploy', { required: false }),
      branch: value('BRANCH', 'the branch', { alias: 'b' }),
      remote: value('REMOTE', 'the remote', { alias: 'm' }),
      ...STATEROOT,
      ...REBOOT,
      'skip-purge': flag('keep the old ref'),
      ...CACHE_ONLY,
      ...DOWNLOAD_ONLY,
      'custom-origin-description': value('TEXT', 'describe an origin that is not an ostree remote'),
      'custom-origin-url': value('URL', 'the address of such an origin'),
      experimental: flag('accepted and without effect'),
      'disallow-downgrade': flag('refuse an older base'),
      ...LOCK,
      ...BYPASS,
      ...PACKAGES,
      ...HOST,
    },
  }),
  rollback,
  cleanup,
  finalizeDeployment,
  reset,
];
