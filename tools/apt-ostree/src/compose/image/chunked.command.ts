import { type Args, defineTool } from '@apt-ostree/cli';
import { CHUNKED } from './options.ts';

export type ChunkedArgs = Args<typeof CHUNKED>;

export const chunked = defineTool({
  name: 'build-chunked-oci',
  summary: 'write a tree as a chunked OCI image',
  description: `Writes a tree that was made in any way, a directory or an image, as an image whose layers follow the source packages of its dpkg database.

Files with the extended attribute user.component, and what is in directories that have it, are in a layer of their own for each value, whatever package they are from. The attribute itself is not in the image.`,
  args: CHUNKED,
  examples: [
    {
      command: 'apt-ostree compose build-chunked-oci --bootc --rootfs /target --output oci:image',
      text: 'Divide a root file system into layers.',
    },
  ],
  seeAlso: ['apt-ostree-compose-rootfs(1)', 'aot-ociexport(1)'],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./chunked.ts')).chunked,
});
