import { type Args, defineTool } from '@apt-ostree/cli';
import { word } from '../../later.ts';
import { ENCAPSULATE } from './options.ts';

const args = {
  ref: word('REF', 'commit or ref'),
  image: word('IMGREF', 'where the image goes, as in registry:HOST/NAME:TAG or oci:DIR:TAG'),
  ...ENCAPSULATE,
} as const;

export type EncapsulateArgs = Args<typeof args>;

export const encapsulate = defineTool({
  name: 'container-encapsulate',
  summary: 'write a commit as an ostree container image',
  description: `Writes the commit that REF names to IMGREF, as an image that carries the commit itself beside its tree: checksum and signatures survive. Layers follow the source packages.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose container-encapsulate --repo build/repo debian/13/amd64/server oci:image:13',
      text: 'Write a commit to an OCI layout.',
    },
  ],
  seeAlso: ['aot-ociexport(1)', 'apt-ostree-compose-image(1)'],
  work: async () => (await import('./encapsulate.ts')).encapsulate,
});
