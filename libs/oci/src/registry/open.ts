import type { TransportOptions } from '../open.ts';
import type { InRegistry } from '../signing/find-signer.ts';
import type { ImageDestination, ImageSource } from '../transport.ts';
import { RegistryClient } from './client.ts';
import { RegistryDestination } from './destination.ts';
import { registrySource } from './source.ts';

export function openRegistry(reference: InRegistry, where: string, options: TransportOptions): ImageSource {
  return registrySource(new RegistryClient(reference, 'pull', `cannot read '${where}'`, options));
}

export function makeRegistry(reference: InRegistry, where: string, options: TransportOptions): ImageDestination {
  const client = new RegistryClient(reference, 'pull,push', `cannot write '${where}'`, options);
  return new RegistryDestination(client, options.mountFrom);
}
