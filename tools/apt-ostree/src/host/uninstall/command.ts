import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, values } from '../../later.ts';
import { refusedOptions } from '../../refused.ts';
import { CHANGE, NAME } from '../layer/options.ts';
import { HOST } from '../options.ts';

const args = {
  package: { ...NAME, required: false as const },
  ...CHANGE,
  ...refusedOptions('uninstall'),
  install: values('PKG', 'also layer this package'),
  all: flag('remove all layered packages'),
  ...HOST,
};

export type UninstallArgs = Args<typeof args>;

export const uninstall = defineTool({
  name: 'uninstall',
  aliases: ['remove', 'pkg-remove'],
  summary: 'remove layered packages',
  description: `Puts the base and the packages that are still asked for together to a new tree, and deploys it; with none left that is the base itself. A package is meant by what was asked for or by its name, one from a file also by NAME_VERSION_ARCHITECTURE. Nothing is downloaded, unless --install is given.

In a container build packages are removed from the root, with their configuration; so are dependencies that came there in a build, by 'install', and that nothing needs any more (apt autoremove). Packages of the image that the build started from stay.`,
  args,
  examples: [
    { command: 'apt-ostree uninstall htop', text: 'Do without htop from the next boot on.' },
    { command: 'apt-ostree uninstall --all', text: 'Do without all layered packages.' },
  ],
  seeAlso: ['apt-ostree-install(1)', 'apt-ostree-reset(1)'],
  enter: async () => (await import('../change/enter.ts')).enterAsRoot(),
  work: async () => (await import('./uninstall.ts')).uninstall,
});
