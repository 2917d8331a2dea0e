import { makeArchive } from './archive/destination.ts';
import { openArchive } from './archive/source.ts';
import { makeLayout } from './layout/destination.ts';
import { openLayout } from './layout/source.ts';
import { formatImageReference, type ImageReference } from './reference.ts';
import { RegistryClient } from './registry/client.ts';
import { RegistryDestination } from './registry/destination.ts';
import { registrySource } from './registry/source.ts';
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
  /** Other repositories of the registry that is written to, which may have some of the blobs. */
  mountFrom?: readonly string[] | undefined;
}

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
      return registrySource(new RegistryClient(reference, 'pull', `cannot read '${where}'`, options));
    default:
      return openArchive(reference.transport, reference.path, reference.tag, where, options.signal);
  }
}

/** Opens a place for an image to be written to; its caller closes it, whether it was published or not. */
export async function openDestination(reference: ImageReference, options: TransportOptions): Promise<ImageDestination> {
  const where = formatImageReference(reference);
  switch (reference.transport) {
    case 'oci':
      return makeLayout(reference.path, reference.tag, where, options.signal);
    case 'registry': {
      if (options.transport === 'skopeo') return skopeoDestination(reference, where, options);
      const client = new RegistryClient(reference, 'pull,push', `cannot write '${where}'`, options);
      return new RegistryDestination(client, options.mountFrom);
    }
    default:
      return makeArchive(reference.transport, reference.path, reference.tag, where, options.signal);
  }
}
