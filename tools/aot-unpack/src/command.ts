import { defineTool } from '@apt-ostree/cli';

export const command = defineTool({
  name: 'aot-unpack',
  summary: 'import packages once and assemble them to a tree',
  description: `Reads which packages a tree has and where their verified archives are, imports each package that the package cache does not have as an OSTree commit, and makes the union of those commits, by hard link, at the directory given. The result is what dpkg leaves after unpacking and before configuring: conffiles are there as NAME.dpkg-new, and dpkg's database lists the packages as unpacked.

A package whose preinst is not known to do nothing on a fresh install is left to dpkg, which runs in the next stage; the manifest names it as left over.

Where the cache has the configured tree of the same packages, that tree is the result, with the record of the scripts that made it.

The files of the tree are hard links into the package cache: change it through aot-sandbox only, which never writes through them.`,
  args: {
    rootfs: {
      type: 'string',
      valueHint: 'DIR',
      description: 'make the tree at DIR; a tree that aot-unpack made there before is replaced',
    },
    cachedir: {
      type: 'string',
      valueHint: 'DIR',
      description: 'directory of the caches; by default /var/cache/apt-ostree, or below XDG_CACHE_HOME for a user',
    },
    'base-tree': {
      type: 'string',
      valueHint: 'DIR',
      description:
        "of packages that are layered: DIR is the base's tree, checked out by hard links for this; it is taken",
    },
    'no-configured-cache': {
      type: 'boolean',
      description: 'unpack the packages also where the cache has the configured tree that they make',
    },
  },
  reads: ['aot.archives/v1'],
  writes: 'aot.rootfs/v1',
  examples: [
    {
      command: 'aot-fetch < lock.json | aot-unpack --rootfs build/root -o unpacked.json',
      text: 'unpack the packages of a lockfile',
    },
  ],
  files: {
    'CACHEDIR/repo': 'the package cache, a bare OSTree repository with a ref aot/pkg/XX/SHA256 for every package',
    'CACHEDIR/imported': 'what importing found out about each package, JSON',
  },
  seeAlso: ['aot-fetch(1)', 'aot-sandbox(1)', 'dpkg(1)', 'ostree(1)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./unpack.ts')).unpack,
});
