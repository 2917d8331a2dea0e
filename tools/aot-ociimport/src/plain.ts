import { AotError, isAotError } from '@apt-ostree/errors';
import { type ImageLayer, ImageTree, type LayerEntry } from '@apt-ostree/oci';
import { commitTree } from './commit-tree.ts';
import { layersInOrder } from './layers.ts';
import { asDeployed } from './layout.ts';
import type { Staging } from './staging.ts';

/** A file system in layers becomes a commit. */
export async function importPlain(staging: Staging): Promise<string> {
  const tree = new ImageTree();
  await putOver(tree, staging.image.layers, staging);
  asDeployed(tree);
  return commitTree(staging, tree);
}

/** Puts layers over what is there, the lowest first. */
export async function putOver(tree: ImageTree, layers: readonly ImageLayer[], staging: Staging): Promise<void> {
  for await (const [layer, entries] of layersInOrder(staging, layers)) apply(tree, layer, entries);
}

function apply(tree: ImageTree, { descriptor: { digest } }: ImageLayer, entries: readonly LayerEntry[]): void {
  try {
    tree.apply(entries);
  } catch (error) {
    if (isAotError(error) || error instanceof TypeError || !(error instanceof Error) || 'code' in error) throw error;
    throw new AotError('data', `cannot use layer '${digest}': ${error.message}`, { code: 'bad-layer', cause: error });
  }
}
