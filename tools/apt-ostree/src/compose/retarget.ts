import { machine } from 'node:os';
import type { RootfsManifest } from '@apt-ostree/manifest';
import { loadTreefile } from '@apt-ostree/treefile';

/** A tree with another treefile: its packages, and what the treefile of now says. */
export async function retarget(manifest: RootfsManifest, file: string) {
  const { treefile, inputs, sourceRoot } = await loadTreefile(file, { architecture: machine() });
  return { manifest: { ...manifest, treefile, inputs }, treefile, sourceRoot };
}
