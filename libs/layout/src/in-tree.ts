import type { Tree } from '@apt-ostree/ostree';

/** What every step works on. */
export interface InTree {
  tree: Tree;
}

/** Says of a path whether it, with all that is below, is none of our business. */
export type Keep = (path: string) => boolean;

export const nothing: Keep = () => false;
