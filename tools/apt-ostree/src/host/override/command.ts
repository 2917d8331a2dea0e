import { type Args, defineTool } from '@apt-ostree/cli';
import { flag, value, values } from '../../later.ts';
import { NAME, PACKAGE } from '../layer/options.ts';
import { CACHE_ONLY, DRY_RUN, HOST, LOCK, PACKAGES, REBOOT, STATEROOT } from '../options.ts';

const COMMON = {
  ...STATEROOT,
  ...REBOOT,
  ...DRY_RUN,
  ...LOCK,
  ...CACHE_ONLY,
};

const enter = async () => (await import('../change/enter.ts')).enterAsRoot();

const replaceArgs = {
  package: PACKAGE,
  remove: values('PKG', 'also remove this package of the base'),
  experimental: flag('needed for --freeze and --from', { hidden: true }),
  freeze: flag('stay with the versions that are found', { hidden: true }),
  from: value('KIND=NAME', 'take the packages from there, as in repo=SUITE', { hidden: true }),
  ...COMMON,
  ...PACKAGES,
  ...HOST,
};

const removeArgs = {
  package: NAME,
  replace: values('DEB', 'also replace with this package'),
  ...COMMON,
  ...PACKAGES,
  ...HOST,
};

const resetArgs = {
  package: { ...NAME, required: false as const },
  all: flag('take all of them back', { alias: 'a' }),
  ...COMMON,
  ...PACKAGES,
  ...HOST,
};

export type ReplaceArgs = Args<typeof replaceArgs>;
export type RemoveArgs = Args<typeof removeArgs>;
export type ResetArgs = Args<typeof resetArgs>;

const seeAlso = ['apt-ostree-install(1)', 'apt-ostree-status(1)', 'apt-ostree-reset(1)', 'dpkg(1)'];

export const override = defineTool({
  name: 'override',
  summary: 'replace or remove packages of the base',
  description:
    "What is overridden stays so over upgrades. The base's own dpkg removes, unpacks and configures, with the scripts of both packages. In a container build the root is changed at once, and nothing can be reset.",
  subCommands: [
    defineTool({
      name: 'replace',
      summary: 'replace packages of the base',
      description:
        'Lets packages from files, or from URLs, take the place of those that the base has, also older ones. Packages that need each other in one version have to be given together. An override is inactive where the base lacks the package, or has it in that very version.',
      args: replaceArgs,
      examples: [{ command: 'apt-ostree override replace ./bash_5.2.37-3_amd64.deb', text: 'Try another bash.' }],
      seeAlso,
      enter,
      work: async () => (await import('./override.ts')).replace,
    }),
    defineTool({
      name: 'remove',
      summary: 'remove packages of the base',
      description: 'Takes packages out of the base. What needs them has to be named too. Nothing is downloaded.',
      args: removeArgs,
      examples: [{ command: 'apt-ostree override remove vim-tiny', text: 'Do without it.' }],
      seeAlso,
      enter,
      work: async () => (await import('./override.ts')).remove,
    }),
    defineTool({
      name: 'reset',
      summary: 'take overrides back',
      description: 'Lets the base have its own packages again: those that are named, or with --all every one.',
      args: resetArgs,
      examples: [{ command: 'apt-ostree override reset --all', text: 'Go back to the packages of the base.' }],
      seeAlso,
      enter,
      work: async () => (await import('./override.ts')).reset,
    }),
  ],
});
