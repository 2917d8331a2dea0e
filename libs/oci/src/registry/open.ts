import type { TransportOptions } from '../open.ts';
import { isInsecure, readRegistriesConf } from '../registries-conf.ts';
import type { InRegistry } from '../signing/find-signer.ts';
import type { ImageDestination, ImageSource } from '../transport.ts';
import { RegistryClient } from './client.ts';
import { RegistryDestination } from './destination.ts';
import { registrySource } from './source.ts';

export async function openRegistry(
  reference: InRegistry,
  where: string,
  options: TransportOptions,
): Promise<ImageSource> {
  const client = new RegistryClient(reference, 'pull', `cannot read '${where}'`, await configured(reference, options));
  return registrySource(client);
}

export async function makeRegistry(
  reference: InRegistry,
  where: string,
  options: TransportOptions,
): Promise<ImageDestination> {
  const all = await configured(reference, options);
  const client = new RegistryClient(reference, 'pull,push', `cannot write '${where}'`, all);
  return new RegistryDestination(client, options.mountFrom);
}

/** What the command does not say of TLS, the machine's configuration may. */
async function configured({ host, name }: InRegistry, options: TransportOptions): Promise<TransportOptions> {
  if (options.tlsVerify !== undefined) return options;
  return isInsecure(await readRegistriesConf(), `${host}/${name}`) ? { ...options, tlsVerify: false } : options;
}
