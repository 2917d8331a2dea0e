import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({
  name: 'aot-resolve',
  summary: 'resolves a treefile to the exact packages of a tree',
  description: `Reads a treefile, verifies the indices of its archives and lets apt solve in a private root. Writes every package with
version, origin and hash, and the order in which apt would unpack and configure them. Nothing of the machine's own dpkg
database, pins or hooks takes part.

The archives are those of the .sources files that the treefile's 'repos' names; without them, those entries of the machine's
own apt configuration that belong to its release, with 'releasever' in place of its codename.

The result is also the lock file: given with --lockfile, the same treefile gives the same packages again, without the network.
With a changed treefile the lock decides the versions of what it has, and the rest is resolved.`,
  args: {
    treefile: { type: 'positional', description: 'the treefile, YAML or JSON', valueHint: 'TREEFILE' },
    cachedir: { type: 'string', valueHint: 'DIR', description: 'keep indices and solutions in DIR' },
    'source-root': {
      type: 'string',
      valueHint: 'DIR',
      description: 'files that the treefile names are relative to DIR instead of its own directory',
    },
    lockfile: {
      type: 'string',
      multiple: true,
      also: ['ex-lockfile'],
      valueHint: 'FILE',
      description: 'take versions from FILE, an earlier result; of several the later wins',
    },
    'lockfile-strict': {
      type: 'boolean',
      also: ['ex-lockfile-strict'],
      description: 'fail when a package is needed that no lock file has',
    },
    'cache-only': {
      type: 'boolean',
      also: ['offline'],
      description: 'use the indices that are there, without the network',
    },
    base: {
      type: 'string',
      valueHint: 'COMMIT',
      description:
        'layer the packages on this commit, which is in the package cache; its own packages stay as they are',
    },
    'base-root': {
      type: 'string',
      valueHint: 'ROOT',
      description: 'as --base, with the packages that are installed below ROOT',
    },
    'base-digest': {
      type: 'string',
      valueHint: 'DIGEST',
      description: "with --base: the commit is the image of that digest, which the treefile's base-image names",
    },
    system: {
      type: 'string',
      valueHint: 'ROOT',
      default: '/',
      description: 'with --base: the archives are all those of the system at ROOT, with its keys and its apt settings',
    },
    'treefile-archives': {
      type: 'boolean',
      description: 'with --base: the archives are those of the treefile, as without --base',
    },
    'max-age': {
      type: 'string',
      valueHint: 'SECONDS',
      description: 'with --base: do not look for newer indices when those that are there are younger',
    },
    deb: {
      type: 'string',
      multiple: true,
      valueHint: 'FILE',
      description: 'with --base: also this package, from a file',
    },
    remove: {
      type: 'string',
      multiple: true,
      valueHint: 'PACKAGE',
      description: 'with --base: take this package out of the base',
    },
    removable: {
      type: 'string',
      multiple: true,
      valueHint: 'PACKAGE',
      description: 'with --base: take this package out too where nothing needs it any more',
    },
    replace: {
      type: 'string',
      multiple: true,
      valueHint: 'PACKAGE',
      description: 'with --base: let another version take the place of this package of the base',
    },
    architecture: { type: 'string', valueHint: 'ARCH', description: 'Debian architecture of the tree' },
  },
  writes: 'aot.packages/v1',
  examples: [
    { command: 'aot-resolve tree.yaml -o lock.json', text: 'Resolve a treefile and keep the result.' },
    { command: 'aot-resolve tree.yaml --lockfile lock.json', text: 'The same packages again, without the network.' },
  ],
  seeAlso: ['aot-fetch(1)', 'aot.packages(5)', 'treefile(5)', 'sources.list(5)'],
  work: async () => (await import('./resolve.ts')).resolve,
});
