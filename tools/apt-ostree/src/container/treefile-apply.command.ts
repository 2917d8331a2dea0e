import { type Args, defineTool } from '@apt-ostree/cli';
import { values, word } from '../later.ts';

const args = {
  treefile: word('TREEFILE', 'the treefile'),
  var: values('KEY=VALUE', 'set a variable'),
};

export type TreefileApplyArgs = Args<typeof args>;

export const treefileApply = defineTool({
  name: 'treefile-apply',
  summary: 'apply a treefile to the running container',
  description: `In a container build: installs the packages of a treefile, with its 'recommends', from the archives that its 'repos' name or else from those in /etc/apt, and runs its 'postprocess' scripts. Packages that are there stay as they are. Any other key is an error.`,
  args,
  examples: [{ command: 'apt-ostree experimental compose treefile-apply more.yaml', text: 'Add what more.yaml says.' }],
  seeAlso: ['apt-ostree-install(1)', 'treefile(5)'],
  work: async () => (await import('./treefile-apply.ts')).applyTreefile,
});
