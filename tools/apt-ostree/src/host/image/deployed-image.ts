import { type KeptImage, keptImage, keptImages } from '@apt-ostree/oci';
import { readCommit } from '@apt-ostree/ostree';

/** The image that a commit was made from: most say so themselves, one that an image carries is in its record. */
export function imageOf(repo: string, commit: string): KeptImage | undefined {
  const digest = readCommit(repo, commit).metadata['ostree.manifest-digest'];
  const known = typeof digest === 'string' ? keptImage(repo, digest) : undefined;
  return known ?? keptImages(repo).find((image) => image.commit === commit);
}
