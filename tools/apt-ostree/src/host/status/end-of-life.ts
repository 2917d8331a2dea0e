import type { CommitInfo } from '@apt-ostree/ostree';

/** The text by which an image builder says that a branch has ended. */
export function endOfLife({ metadata }: CommitInfo): string | undefined {
  const text = metadata['ostree.endoflife'];
  return typeof text === 'string' ? text : undefined;
}
