import { AotError } from '@apt-ostree/errors';

/** What must vouch for an image before it is deployed. */
export type ImageVerification =
  | { kind: 'none' }
  /** The keys of an OSTree remote, for the commit that the image carries. */
  | { kind: 'remote'; remote: string }
  /** containers-policy.json(5). */
  | { kind: 'policy' };

/** A container image as origins and command lines name it (ostree-container(1)). */
export interface HostImage {
  /** As it stands in the origin. */
  reference: string;
  verification: ImageVerification;
  /** The image itself, as aot-ociimport takes it. */
  image: string;
}

const FORM =
  /^(?:ostree-(unverified-registry|unverified-image|image-signed)|ostree-(remote-registry|remote-image):([^:/]+)):(.+)$/s;

/** Whether a base is meant to be an image, however badly written. */
export const isImageReference = (text: string): boolean =>
  /^ostree-(unverified-(registry|image)|remote-(image|registry)|image-signed):/.test(text);

/**
 * Takes an image reference apart.
 * @throws AotError `usage` when it is none
 */
export function parseHostImage(reference: string): HostImage {
  const [, plain, remoteKind, remote, rest] = FORM.exec(reference) ?? [];
  if (rest === undefined || /[\0-\x20\x7f]/.test(reference))
    throw new AotError('usage', `cannot use the image reference '${reference}'`, {
      hint: "as in 'ostree-unverified-registry:HOST/NAME:TAG'",
    });
  const image = plain === 'unverified-registry' || remoteKind === 'remote-registry' ? `registry:${rest}` : rest;
  if (remote !== undefined) return { reference, image, verification: { kind: 'remote', remote } };
  return { reference, image, verification: { kind: plain === 'image-signed' ? 'policy' : 'none' } };
}
