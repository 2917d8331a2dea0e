import { type Args, defineTool } from '@apt-ostree/cli';
import { word } from '../../later.ts';
import { STAGE } from '../options.ts';
import { IMAGE } from './options.ts';

const args = {
  treefile: word('MANIFEST', 'the treefile, YAML or JSON'),
  output: word('OUTPUT', 'where the image goes: a file, a directory, or HOST/NAME:TAG, as --format says'),
  ...IMAGE,
  ...STAGE,
} as const;

export type ImageArgs = Args<typeof args>;

export const image = defineTool({
  name: 'image',
  aliases: ['build-image'],
  summary: 'compose a tree and write it as an image',
  description: `Composes MANIFEST as 'apt-ostree compose tree' does, and writes the commit to OUTPUT as an image for bootc. When there is an image already that was made from the same packages and the same treefile, nothing is written.`,
  args,
  examples: [
    {
      command: 'apt-ostree compose image --format oci server.yaml image',
      text: 'Compose a server, and write it to an OCI layout.',
    },
    {
      command: 'apt-ostree compose image --format registry server.yaml registry.example/server:13',
      text: 'Compose a server, and push it.',
    },
  ],
  seeAlso: ['apt-ostree-compose-tree(1)', 'aot-ociexport(1)', 'treefile(5)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./image.ts')).image,
});
