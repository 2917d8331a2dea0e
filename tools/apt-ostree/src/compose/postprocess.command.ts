import { type Args, defineTool } from '@apt-ostree/cli';
import { CORE, STAGE } from './options.ts';

const args = {
  rootfs: { type: 'positional', valueHint: 'ROOTFS', description: "the tree that 'compose install' made" },
  treefile: {
    type: 'positional',
    required: false,
    valueHint: 'TREEFILE',
    description: 'the treefile whose post-processing is done',
  },
  ...STAGE,
  ...CORE,
} as const;

export type PostprocessArgs = Args<typeof args>;

export const postprocess = defineTool({
  name: 'postprocess',
  summary: 'run the post-processing of a treefile on a tree',
  description: `Runs the treefile's post-processing on ROOTFS, a tree that 'apt-ostree compose install' made: files that are added and removed, units, the scripts of postprocess and postprocess-script.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose postprocess build/tree/rootfs minimal.yaml',
      text: 'Post-process the tree in build/tree.',
    },
  ],
  seeAlso: ['apt-ostree-compose-install(1)', 'apt-ostree-compose-commit(1)', 'aot-sandbox(1)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./postprocess.ts')).postprocess,
});
