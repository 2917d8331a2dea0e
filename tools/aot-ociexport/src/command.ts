import { defineTool } from '@apt-ostree/cli';
import { REGISTRY_OPTIONS } from '@apt-ostree/oci/registry-options';

export const command = defineTool({
  name: 'aot-ociexport',
  summary: 'write a commit as an OCI image',
  description: `Reads a commit, and writes its tree as an image: for bootc, for podman and docker, for a registry. The layers follow the Debian source packages: big ones have a layer each, the others share layers by a hash of their name, and the package database, the initramfs and the files of no package have one each. So an update touches few layers, without a look at the image before. Each layer's annotations name its packages.

With --format plain the image is the root file system, with the configuration in /etc. With --format encapsulated it also carries the commit itself in an OSTree repository: checksum and signatures survive the transport.

The same commit and options give the same layers and configuration everywhere. Compressed bytes, and so the digest of the manifest, also depend on the compressor's version; its name is in the annotations. Compressed layers are kept in the cache directory, by what is in them.`,
  reads: ['aot.commit/v1'],
  writes: 'aot.image/v1',
  args: {
    repo: {
      type: 'string',
      valueHint: 'REPO',
      description: 'take the commit from this repository, with --ref; nothing is read',
    },
    ref: { type: 'string', valueHint: 'REV', description: 'the commit, or a ref of --repo that names it' },
    output: {
      type: 'string',
      alias: 'o',
      valueHint: 'REFERENCE',
      description:
        'where the image goes: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or registry:HOST/NAME[:TAG]',
    },
    format: {
      type: 'enum',
      options: ['plain', 'encapsulated'],
      default: 'plain',
      description: 'a root file system, or one with the commit in an OSTree repository',
    },
    'max-layers': { type: 'string', valueHint: 'N', default: '64', description: 'at most so many layers' },
    components: {
      type: 'string',
      valueHint: 'FILE',
      description:
        'give paths a layer of their own: a JSON object of paths in the image and names of components, one layer for each name',
    },
    previous: {
      type: 'string',
      valueHint: 'MANIFEST',
      description:
        'put packages where this earlier image has them: a file with its manifest, or a reference; what its repository has need not be sent again to another of the same registry',
    },
    compression: {
      type: 'enum',
      options: ['gzip', 'zstd', 'none'],
      default: 'gzip',
      description: 'how layers are compressed',
    },
    label: { type: 'string', alias: 'l', multiple: true, valueHint: 'KEY=VALUE', description: 'add a label' },
    copymeta: {
      type: 'string',
      multiple: true,
      valueHint: 'KEY',
      description: "copy this string of the commit's metadata to the labels",
    },
    'copymeta-opt': { type: 'string', multiple: true, valueHint: 'KEY', description: 'the same, where it is there' },
    annotation: {
      type: 'string',
      multiple: true,
      valueHint: 'KEY=VALUE',
      description: 'add an annotation to the manifest',
    },
    cmd: {
      type: 'string',
      multiple: true,
      valueHint: 'WORD',
      description: "what a container of the image runs, a word each time; the treefile's container-cmd unless said",
    },
    'image-config': { type: 'string', valueHint: 'FILE', description: 'the OCI image configuration to start from' },
    arch: { type: 'string', valueHint: 'ARCH', description: "architecture of the image, instead of dpkg's" },
    sbom: {
      type: 'enum',
      options: ['spdx', 'cyclonedx'],
      description:
        'list the packages in a file of the image, and attach the list to it; an archive for docker has the file alone',
    },
    'sign-by': {
      type: 'string',
      valueHint: 'KEY',
      description:
        'sign the image in its registry: with a private key in a file, by cosign or skopeo, or with a key of GnuPG, by skopeo',
    },
    cachedir: { type: 'string', valueHint: 'DIR', description: 'keep compressed layers in DIR' },
    ...REGISTRY_OPTIONS,
  },
  examples: [
    {
      command: 'aot-commit --repo repo < rootfs.json | aot-ociexport --output oci:image:latest',
      text: 'Write what was just committed to an OCI layout.',
    },
    {
      command: 'aot-ociexport --repo repo --ref debian/13/amd64/server --output registry:registry.example/server:13',
      text: 'Push a commit to a registry.',
    },
    {
      command: 'aot-ociexport --repo repo --ref debian/13/amd64/server --format encapsulated --output oci:image',
      text: 'Keep the checksum and the signatures of the commit.',
    },
  ],
  seeAlso: ['aot-commit(1)', 'aot.image(5)', 'apt-ostree-compose-image(1)', 'skopeo(1)'],
  // whoever is not root sees the owners that he gave files in a namespace
  enter: async () => (process.getuid?.() === 0 ? undefined : (await import('@apt-ostree/run/namespace')).enter()),
  work: async () => (await import('./export.ts')).exportImage,
});
