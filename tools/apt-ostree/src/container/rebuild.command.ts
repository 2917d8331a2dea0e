import { defineTool } from '@apt-ostree/cli';

export const rebuild = defineTool({
  name: 'rebuild',
  hidden: true,
  summary: 'apply /etc/apt-ostree/origin.d to this container',
  description: `In a container build: gives the root the packages that the files in /etc/apt-ostree/origin.d describe, all at once, and removes the files. Each is YAML or JSON with the keys 'packages' (as in a treefile), 'override-remove' (names of packages of the image), and 'ex-override-replace' (a list of 'from: {repo: SUITE}' with 'packages').`,
  files: { '/etc/apt-ostree/origin.d': 'what the image is to have besides; gone when it was applied' },
  seeAlso: ['apt-ostree-install(1)', 'treefile(5)'],
  work: async () => (await import('./rebuild.ts')).rebuild,
});
