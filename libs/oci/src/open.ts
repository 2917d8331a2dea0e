import { AotError } from '@apt-ostree/errors';
import { makeLayout } from './layout/destination.ts';
import { openLayout } from './layout/source.ts';
import { formatImageReference, type ImageReference } from './reference.ts';
import type { ImageDestination, ImageSource } from './transport.ts';

export interface TransportOptions {
  signal: AbortSignal;
  warn(text: string): void;
  /** A file of logins in place of those that podman and docker look for. */
  authfile?: string | undefined;
  /** False takes any certificate, and plain HTTP. Without it plain HTTP is for loopback alone. */
  tlsVerify?: boolean | undefined;
  /** Certificates (*.crt) that are trusted besides the system's, and a client's (*.cert, *.key). */
  certDir?: string | undefined;
  /** How often a request that may go better is tried again. */
  retryTimes?: number | undefined;
  /** Who talks to registries: we, or skopeo. */
  transport?: 'own' | 'skopeo' | undefined;
}

/**
 * Opens an image for reading; its caller closes it.
 * @throws AotError `noInput` when there is no such image, `unavailable` when a registry cannot be reached
 */
export async function openSource(reference: ImageReference, options: TransportOptions): Promise<ImageSource> {
  const where = formatImageReference(reference);
  if (reference.transport === 'oci') return openLayout(reference.path, reference.tag, where);
  throw notYet(where, options);
}

/** Opens a place for an image to be written to; its caller closes it, whether it was published or not. */
export async function openDestination(reference: ImageReference, options: TransportOptions): Promise<ImageDestination> {
  const where = formatImageReference(reference);
  if (reference.transport === 'oci') return makeLayout(reference.path, reference.tag, where, options.signal);
  throw notYet(where, options);
}

const notYet = (where: string, _: TransportOptions) => new AotError('usage', `not in this version: '${where}'`);
