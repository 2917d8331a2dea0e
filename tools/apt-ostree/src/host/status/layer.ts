import type { CommitInfo } from '@apt-ostree/ostree';

/** What a commit that was put together on the host says of itself, in the names that rpm-ostree gives it. */
export interface Layer {
  isLayered: boolean;
  /** Requests that are not already in the base. */
  packages: string[];
  removed: PackageTuple[];
  replaced: [PackageTuple, PackageTuple][];
}

/** Name with version and architecture, name, epoch, upstream version, revision, architecture. */
export type PackageTuple = [
  full: string,
  name: string,
  epoch: string,
  upstream: string,
  revision: string,
  arch: string,
];

export function layerOf({ metadata }: CommitInfo): Layer {
  return {
    isLayered: metadata['aptostree.clientlayer'] === true,
    packages: list(metadata['aptostree.layered-packages']).filter((p) => typeof p === 'string'),
    removed: list(metadata['aptostree.removed-base-packages']).filter(isTuple),
    replaced: list(metadata['aptostree.replaced-base-packages']).filter(isPair),
  };
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isTuple = (value: unknown): value is PackageTuple =>
  Array.isArray(value) && value.length === 6 && value.every((v) => typeof v === 'string');
const isPair = (value: unknown): value is [PackageTuple, PackageTuple] =>
  Array.isArray(value) && value.length === 2 && value.every(isTuple);
