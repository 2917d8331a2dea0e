import { defineTool } from '@apt-ostree/cli';
import { REGISTRY_OPTIONS } from '@apt-ostree/oci/registry-options';

export const command = defineTool({
  name: 'aot-ociimport',
  summary: 'turn a container image into an OSTree commit',
  description: `Reads an image from a layout, an archive or a registry and writes it as a commit to --repo. The layers are put one over the other, /etc becomes /usr/etc, and what a running system mounts over (the content of /dev, /proc, /run, /sys and /tmp) is left out. An image that carries an OSTree commit gives that very commit, with its signatures; layers that were put over it make a commit of their own.

With --verify-policy skopeo(1) judges the image by the policy and the signatures of the registry, and what it accepted is imported, by its digest. A rule that accepts anything refuses here: it vouches for nothing.

Each layer is kept in the repository by the digest of its content, so that an image is never fetched again where it shares layers with one that was. Nothing is seen in the repository before all of the image is there and was verified. The same image gives the same checksum.

REF is oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or registry:HOST/NAME[:TAG][@DIGEST].`,
  writes: 'aot.commit/v1',
  args: {
    image: { type: 'positional', valueHint: 'REF', description: 'the image' },
    repo: { type: 'string', alias: 'r', valueHint: 'REPO', description: 'the repository that gets the commit' },
    ref: { type: 'string', valueHint: 'NAME', description: 'the ref that is to name the commit' },
    arch: {
      type: 'string',
      valueHint: 'ARCH',
      description: "the architecture of the image, by Debian's name; by default this machine's",
    },
    'any-image': { type: 'boolean', description: 'accept an image that does not say that it can be booted' },
    'cache-only': {
      type: 'boolean',
      description: 'use what the repository has of images in registries: no network',
    },
    'verify-remote': {
      type: 'string',
      valueHint: 'REMOTE',
      description: 'accept only a commit that the keys of this remote of the repository have signed',
    },
    'verify-policy': {
      type: 'string',
      valueHint: 'FILE',
      description: 'accept only what a rule of this containers-policy.json(5) vouches for',
    },
    ...REGISTRY_OPTIONS,
  },
  examples: [
    {
      command: 'aot-ociimport oci:build/image:latest --repo build/repo --ref debian/13/server',
      text: 'Make a commit of an image in a layout.',
    },
  ],
  files: {
    'REPO/refs/heads/aot/layer': 'a ref for every layer, by the digest of its content',
    'REPO/refs/heads/aot/image': 'a ref for every image, by the digest of its manifest',
  },
  seeAlso: ['aot-ociexport(1)', 'aot-deploy(1)', 'ostree(1)', 'skopeo(1)'],
  // root owns what it writes as it is; nothing is mounted
  enter: async () => (process.getuid?.() === 0 ? undefined : (await import('@apt-ostree/run/namespace')).enter()),
  work: async () => (await import('./import.ts')).importImage,
});
