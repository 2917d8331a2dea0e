import { type Args, defineTool } from '@apt-ostree/cli';
import { REGISTRY_OPTIONS } from '@apt-ostree/oci/registry-options';
import { value, word } from '../../later.ts';

const { transport: _, ...REGISTRY } = REGISTRY_OPTIONS;

const args = {
  image: word('IMAGE', 'the images, each for another architecture, as in registry:HOST/NAME:TAG or oci:DIR:TAG', {
    multiple: true as const,
  }),
  output: value('REFERENCE', 'where the index goes: registry:HOST/NAME:TAG, oci:DIR:TAG or oci-archive:FILE:TAG', {
    alias: 'o' as const,
  }),
  'sign-by': value(
    'KEY',
    'sign the index and its images in their registry: with a private key in a file, by cosign or skopeo, or with a key of GnuPG, by skopeo',
  ),
  ...REGISTRY,
} as const;

export type JoinArgs = Args<typeof args>;

export const join = defineTool({
  name: 'image-index',
  summary: 'join images for several architectures under one name',
  description: `Writes an index of images that are there already, one for each architecture: whoever pulls its name gets the one for his machine. The images stay what they are, with their digests and signatures; what the place of the index lacks of them is copied there. Which architecture an image is for is in its configuration, so that the same images make the same index.

An index is made again as a whole, with all its images, whenever one of them is new.

Signatures are of digests: with --sign-by the index gets one, and each of its images one under the name of the index. That name, and not the one that an image was pushed under before, is what a policy on the machines asks for.`,
  args,
  examples: [
    {
      command:
        'apt-ostree compose image-index -o registry:registry.example/server:13 registry:registry.example/server:13-amd64 registry:registry.example/server:13-arm64',
      text: 'Join what two machines have pushed.',
    },
  ],
  seeAlso: ['aot-ociexport(1)', 'apt-ostree-compose-image(1)', 'podman-manifest(1)'],
  work: async () => (await import('./join.ts')).join,
});
