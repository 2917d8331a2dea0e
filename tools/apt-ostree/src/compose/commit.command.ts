import { type Args, defineTool } from '@apt-ostree/cli';
import { COMMIT, CORE, REPO, STAGE, TREEFILE } from './options.ts';

const args = {
  ...TREEFILE,
  rootfs: { type: 'positional', valueHint: 'ROOTFS', description: "the tree that 'compose install' made" },
  ...REPO,
  ...COMMIT,
  ...STAGE,
  ...CORE,
} as const;

export type CommitCommandArgs = Args<typeof args>;

export const commit = defineTool({
  name: 'commit',
  summary: 'commit a configured tree',
  description: `Commits ROOTFS, a tree that 'apt-ostree compose install' made, with what TREEFILE says now about ref, version and layout. The packages are those that were installed.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose commit --repo build/repo minimal.yaml build/tree/rootfs',
      text: 'Commit the tree that compose install left in build/tree.',
    },
  ],
  seeAlso: ['apt-ostree-compose-install(1)', 'aot-commit(1)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./commit.ts')).commit,
});
