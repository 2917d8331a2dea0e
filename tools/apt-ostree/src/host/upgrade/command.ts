import { type Args, defineTool } from '@apt-ostree/cli';
import { flag } from '../../later.ts';
import { BYPASS, CACHE_ONLY, DOWNLOAD_ONLY, HOST, LOCK, PACKAGES, REBOOT, STATEROOT, UNCHANGED } from '../options.ts';

const args = {
  ...STATEROOT,
  ...REBOOT,
  'allow-downgrade': flag('accept an older base'),
  preview: flag('only show the difference of packages', { also: ['check-diff'] }),
  check: flag('only say whether there is an upgrade'),
  ...CACHE_ONLY,
  ...DOWNLOAD_ONLY,
  ...UNCHANGED,
  'upgrade-unchanged-exit-77': flag('older spelling of --unchanged-exit-77', { hidden: true }),
  'trigger-automatic-update-policy': flag('do what the policy for automatic updates says', { hidden: true }),
  ...LOCK,
  ...BYPASS,
  ...PACKAGES,
  ...HOST,
};
