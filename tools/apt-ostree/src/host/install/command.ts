import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, values } from '../../later.ts';
import { refusedOptions } from '../../refused.ts';
import { CHANGE, PACKAGE } from '../layer/options.ts';
import { CACHE_ONLY, DOWNLOAD_ONLY, HOST } from '../options.ts';

const args = {
  package: PACKAGE,
  ...CHANGE,
  ...refusedOptions('install'),
  uninstall: values('PKG', 'also remove this layered package'),
  ...CACHE_ONLY,
  ...DOWNLOAD_ONLY,
  'apply-live': flag('also change the running system', { alias: 'A' }),
  'force-replacefiles': flag('let packages from files replace files of other packages'),
  ...HOST,
};

export type InstallArgs = Args<typeof args>;

export const install = defineTool({
  name: 'install',
  aliases: ['pkg-add'],
  summary: 'layer packages',
  description: `Puts the base and the packages that are asked for together to a new tree, and deploys it: on the system that runs it is staged and becomes bootable at shutdown. A package is NAME, NAME=VERSION, NAME/SUITE or NAME:ARCHITECTURE from the archives in /etc/apt, a file that ends in .deb, or a URL of one. What is asked for stays asked for over upgrades.

Packages of the base stay as they are: what would remove or replace one is refused, and so is what is on hold there. A package that the base has already is refused too, unless --allow-inactive is given: then it is layered as soon as a base lacks it.

In a container build, from an image of a composed tree, the packages are installed into the root at once.`,
  args,
  examples: [
    { command: 'apt-ostree install htop', text: 'Have htop from the next boot on.' },
    { command: 'apt-ostree install --dry-run ./tool_1.0_amd64.deb', text: 'Say what a package would bring.' },
  ],
  files: {
    '/etc/apt': 'the archives, their keys and settings: sources.list(5), apt.conf(5)',
    '/ostree/repo/extensions/apt-ostree': 'indices, archives, and what is known of layered commits',
  },
  seeAlso: ['apt-ostree-uninstall(1)', 'apt-ostree-override(1)', 'apt-ostree-status(1)'],
  enter: async () => (await import('../change/enter.ts')).enterAsRoot(),
  work: async () => (await import('./install.ts')).install,
});
