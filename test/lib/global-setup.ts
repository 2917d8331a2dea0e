import { SCRATCH } from './checkout.ts';
import { removeTrees } from './remove-trees.ts';

/** Every run of the suite makes its trees anew; only the download and package cache stays. */
export default function setup(): Promise<void> {
  return removeTrees(SCRATCH);
}
