import { type Args, defineTool } from '@apt-ostree/cli';
import { refusedOptions } from '../refused.ts';
import { CORE, INSTALL, STAGE, TREEFILE } from './options.ts';

const args = {
  ...TREEFILE,
  destdir: { type: 'positional', valueHint: 'DESTDIR', description: 'the directory that gets rootfs and its manifest' },
  ...INSTALL,
  ...STAGE,
  ...CORE,
  ...refusedOptions('compose install'),
} as const;

export type InstallArgs = Args<typeof args>;

export const install = defineTool({
  name: 'install',
  summary: 'install the packages of a treefile into a directory',
  description: `Leaves the configured tree in DESTDIR/rootfs and its manifest in DESTDIR/rootfs.json, from which 'apt-ostree compose postprocess' and 'apt-ostree compose commit' go on.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose install minimal.yaml build/tree',
      text: 'Make the configured tree build/tree/rootfs.',
    },
  ],
  seeAlso: ['apt-ostree-compose-postprocess(1)', 'apt-ostree-compose-commit(1)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./install.ts')).install,
});
