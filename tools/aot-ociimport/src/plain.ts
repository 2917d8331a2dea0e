import { AotError, isAotError } from '@apt-ostree/errors';
import { type ImageLayer, ImageTree } from '@apt-ostree/oci';
import { commitTree } from './commit-tree.ts';
import { layerEntries } from './layers.ts';
import { asDeployed } from './layout.ts';
import type { Staging } from './staging.ts';

/** A file system in layers becomes a commit. */
export async function importPlain(staging: Staging): Promise<string> {
  const tree = new ImageTree();
  for (const layer of staging.image.layers) await putOver(tree, layer, staging);
  asDeployed(tree);
  return commitTree(staging, tree);
}

/** Puts a layer over what is there. */
export async function putOver(tree: ImageTree, layer: ImageLayer, staging: Staging): Promise<void> {
  const { digest } = layer.descriptor;
  try {
    tree.apply(await layerEntries(staging, layer));
  } catch (error) {
    if (isAotError(error) || error instanceof TypeError || !(error instanceof Error) || 'code' in error) throw error;
    throw new AotError('data', `cannot use layer '${digest}': ${error.message}`, { code: 'bad-layer', cause: error });
  }
}
