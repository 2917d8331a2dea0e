import { makeLayout } from './layout/destination.ts';
import { openLayout } from './layout/source.ts';
import type { Platform } from './model.ts';
import { formatImageReference, type ImageReference } from './reference.ts';
import { skopeoDestination, skopeoSource } from './skopeo.ts';
import type { ImageDestination, ImageSource } from './transport.ts';

export interface TransportOptions {
  signal: AbortSignal;
  /** A file of logins in place of those that podman and docker look for. */
  authfile?: string | undefined;
  /** False takes any certificate, and plain HTTP. Without it plain HTTP is for loopback alone. */
  tlsVerify?: boolean | undefined;
  /** Certificates (*.crt) that are trusted besides the system's, and a client's (*.cert, *.key). */
  certDir?: string | undefined;
  /** How often a request that may go better is tried again. */
  retryTimes?: number | undefined;
  /** Who talks to registries: we, or skopeo(1). */
  transport?: 'own' | 'skopeo' | undefined;
  /** Which image of an index skopeo fetches; this machine's unless said. We fetch the index, and what is asked for of it. */
  platform?: Platform | undefined;
  /** Other repositories of the registry that is written to, which may have some of the blobs. */
  mountFrom?: readonly string[] | undefined;
}

/** HTTP and tar are loaded where an image needs them: commands that only look at what is kept start in half the time. */
const registry = () => import('./registry/open.ts');
const archives = () => import('./archive/open.ts');

/**
 * Opens an image for reading; its caller closes it.
 * @throws AotError `noInput` when there is no such image, `unavailable` when a registry cannot be reached
 */
export async function openSource(reference: ImageReference, options: TransportOptions): Promise<ImageSource> {
  const where = formatImageReference(reference);
  switch (reference.transport) {
    case 'oci':
      return openLayout(reference.path, reference.tag, where);
    case 'registry':
      if (options.transport === 'skopeo') return skopeoSource(reference, where, options);
      return (await registry()).openRegistry(reference, where, options);
    default:
      return (await archives()).openArchive(reference.transport, reference.path, reference.tag, where, options.signal);
  }
}

/** Opens a place for an image to be written to; its caller closes it, whether it was published or not. */
export async function openDestination(reference: ImageReference, options: TransportOptions): Promise<ImageDestination> {
  const where = formatImageReference(reference);
  switch (reference.transport) {
    case 'oci':
      return makeLayout(reference.path, reference.tag, where, options.signal);
    case 'registry':
      if (options.transport === 'skopeo') return skopeoDestination(reference, where, options);
      return (await registry()).makeRegistry(reference, where, options);
    default:
      return (await archives()).makeArchive(reference.transport, reference.path, reference.tag, where, options.signal);
  }
}
