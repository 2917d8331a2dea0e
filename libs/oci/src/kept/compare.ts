import type { Descriptor, ImageManifestDocument } from '../model.ts';

/** What lies between two versions of an image: layers, and their bytes as they are transferred. */
export interface ImageDifference {
  total: number;
  totalSize: number;
  removed: number;
  removedSize: number;
  added: number;
  addedSize: number;
}

/** @param from undefined where nothing is known of the version before */
export function compareImages(from: ImageManifestDocument | undefined, to: ImageManifestDocument): ImageDifference {
  const before = from?.layers ?? [];
  const removed = without(before, to.layers);
  const added = without(to.layers, before);
  return {
    ...{ total: to.layers.length, totalSize: size(to.layers) },
    ...{ removed: removed.length, removedSize: size(removed) },
    ...{ added: added.length, addedSize: size(added) },
  };
}

function without(layers: readonly Descriptor[], others: readonly Descriptor[]): Descriptor[] {
  const there = new Set(others.map((layer) => layer.digest));
  return layers.filter((layer) => !there.has(layer.digest));
}

const size = (layers: readonly Descriptor[]): number => layers.reduce((sum, layer) => sum + layer.size, 0);
