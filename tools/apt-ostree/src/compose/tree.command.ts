import { type Args, defineTool } from '@apt-ostree/cli';
import { refusedOptions } from '../refused.ts';
import { COMMIT, CORE, INSTALL, REPO, STAGE, TREEFILE } from './options.ts';

const args = {
  ...TREEFILE,
  ...REPO,
  ...INSTALL,
  ...COMMIT,
  ...STAGE,
  'check-reproducible': {
    type: 'boolean',
    description: 'configure the tree twice, under another clock and host name, and name every path that differs',
  },
  container: {
    type: 'string',
    valueHint: 'REFERENCE',
    description: 'write the commit as an image too, as in oci:DIR:TAG or registry:HOST/NAME:TAG',
  },
  ...CORE,
  ...refusedOptions('compose tree'),
} as const;

export type TreeArgs = Args<typeof args>;

export const tree = defineTool({
  name: 'tree',
  summary: 'compose a tree from a treefile and commit it',
  description: `Resolves the packages of TREEFILE, downloads and unpacks them, runs their maintainer scripts in a sandbox, and commits the result to --repo under the treefile's ref. Each step is a program of its own; --stage puts another in its place.

When nothing that decides the tree has changed since the parent commit, nothing is written.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose tree --repo build/repo minimal.yaml',
      text: 'Compose the tree that minimal.yaml describes.',
    },
    {
      command: 'apt-ostree compose tree --repo build/repo --lockfile lock.json minimal.yaml',
      text: 'Compose it with the versions of an earlier compose.',
    },
    {
      command: "apt-ostree compose tree --repo build/repo --stage 'fetch=./my-fetch --mirror' minimal.yaml",
      text: 'Compose it with another program in the place of aot-fetch.',
    },
  ],
  seeAlso: ['aot-resolve(1)', 'aot-fetch(1)', 'aot-unpack(1)', 'aot-sandbox(1)', 'aot-commit(1)', 'treefile(5)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./tree.ts')).tree,
});
