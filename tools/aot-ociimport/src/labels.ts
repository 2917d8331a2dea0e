import type { Image } from '@apt-ostree/oci';

/** The labels by which an image says that a machine can boot it; what they say does not count. */
export const isBootable = ({ labels }: Image): boolean =>
  labels['containers.bootc'] !== undefined || labels['ostree.bootable'] !== undefined;

/** Of an image that carries an OSTree commit: the last layer that belongs to the commit. */
export const finalDiffId = ({ labels }: Image): string | undefined => labels['ostree.final-diffid'];

/** What the image is a version of. */
export function versionOf({ labels }: Image): string | undefined {
  const text = labels['org.opencontainers.image.version'] ?? labels['version'];
  return text === undefined || text === '' || /[\0-\x1f\x7f]/.test(text) ? undefined : text;
}

/** When the image was made, in seconds since the epoch; those that do not say are of the epoch, so that a commit is the same again. */
export function timestampOf({ manifest, config }: Image): number {
  const text = manifest.annotations?.['org.opencontainers.image.created'] ?? config.created ?? '';
  const seconds = Math.floor(Date.parse(text) / 1000);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}
