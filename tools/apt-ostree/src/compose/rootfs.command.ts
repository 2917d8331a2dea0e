import { type Args, defineTool } from '@apt-ostree/cli';
import { STAGE } from './options.ts';

/** rpm-ostree's options. */
export const ROOTFS = {
  treefile: { type: 'positional', valueHint: 'MANIFEST', description: 'the treefile, YAML or JSON' },
  destination: { type: 'positional', valueHint: 'DEST', description: 'the directory to make' },
  cachedir: { type: 'string', valueHint: 'DIR', description: 'cache for indices and packages' },
  'ostree-repo': { type: 'string', valueHint: 'REPO', hidden: true, description: 'commit to this repository too' },
  'source-root': {
    type: 'string',
    also: ['source-root-rw'],
    valueHint: 'DIR',
    description: 'where the files beside the treefile are, instead of its own directory',
  },
  lockfile: { type: 'string', multiple: true, valueHint: 'FILE', description: 'take the versions from this lockfile' },
} as const;

const args = { ...ROOTFS, ...STAGE } as const;

export type RootfsArgs = Args<typeof args>;

export const rootfs = defineTool({
  name: 'rootfs',
  summary: 'compose a root file system for a container image',
  description: `Composes MANIFEST as 'apt-ostree compose tree' does, and leaves in DEST what a deployment of the commit would have: the root of a bootc image, for 'COPY' into 'FROM scratch'.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose rootfs server.yaml /target',
      text: 'Make the root file system of a server in /target.',
    },
  ],
  seeAlso: ['apt-ostree-compose-tree(1)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./rootfs.ts')).rootfs,
});
