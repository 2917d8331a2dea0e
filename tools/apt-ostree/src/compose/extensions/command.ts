import { type Args, defineTool } from '@apt-ostree/cli';

const args = {
  treefile: { type: 'positional', valueHint: 'TREEFILE', description: 'the treefile of the base' },
  extensions: { type: 'positional', valueHint: 'EXTYAML', description: 'the extensions, YAML or JSON' },
  repo: { type: 'string', alias: 'r', valueHint: 'REPO', description: 'the OSTree repository that has the base' },
  'layer-repo': {
    type: 'string',
    valueHint: 'REPO',
    description: 'accepted and without effect: refs of ostree-layers have no packages',
  },
  'output-dir': { type: 'string', valueHint: 'DIR', description: 'where the packages go' },
  'base-rev': {
    type: 'string',
    valueHint: 'REV',
    description: "the commit of the base; the treefile's ref unless said",
  },
  cachedir: { type: 'string', valueHint: 'DIR', description: 'cache for indices and packages' },
  rootfs: { type: 'string', valueHint: 'DIR', description: 'a tree to take as the base instead of a commit' },
  'touch-if-changed': { type: 'string', valueHint: 'FILE', description: 'touch FILE when something changed' },
} as const;

export type ExtensionsArgs = Args<typeof args>;

export const extensions = defineTool({
  name: 'extensions',
  summary: 'download packages that extend a base',
  description: `Downloads the packages that EXTYAML lists, for those who add them to a system of TREEFILE later, and writes extensions.json, which says what is there. The form of EXTYAML is rpm-ostree's:

  extensions:
    usbguard:
      packages: [usbguard]
    headers:
      kind: development
      packages: [linux-headers-cloud-amd64]
      match-base-evr: linux-image-cloud-amd64

An extension of kind os-extension, which is the default, comes with everything that it needs and the base has not; it must not change the base. One of kind development is for building things elsewhere, and comes alone. With match-base-evr the packages are of the version that a package of the base has. 'architectures' says where an extension is offered, and 'repos' names further .sources files beside EXTYAML.

When nothing has changed since the last time, nothing is written.`,
  args,
  examples: [
    {
      command:
        'apt-ostree compose extensions --repo build/repo --output-dir build/extensions server.yaml extensions.yaml',
      text: 'Download the extensions of the newest server.',
    },
  ],
  files: { 'DIR/extensions.json': 'the extensions, their packages with file and SHA-256, and a digest of all' },
  seeAlso: ['apt-ostree-compose-tree(1)', 'treefile(5)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./extensions.ts')).composeExtensions,
});
