import { AotError } from '@apt-ostree/errors';
import type { TransportOptions } from './open.ts';

/** The options with which a command line says how registries are spoken with. */
export const REGISTRY_OPTIONS = {
  authfile: { type: 'string', valueHint: 'FILE', description: 'credentials for the registry' },
  'cert-dir': { type: 'string', valueHint: 'DIR', description: 'certificates for the registry' },
  'no-tls-verify': { type: 'boolean', description: "take the registry's certificate as it is, or plain HTTP" },
  'retry-times': { type: 'string', valueHint: 'N', description: 'try a transfer so many times' },
  transport: { type: 'enum', options: ['own', 'skopeo'], default: 'own', description: 'who talks to registries' },
} as const;

/** Their values; a command need not have them all. */
export interface RegistryArgs {
  authfile?: string | undefined;
  'cert-dir'?: string | undefined;
  'no-tls-verify'?: boolean;
  'retry-times'?: string | undefined;
  transport?: string | undefined;
}

/** What they mean to `openSource` and `openDestination`. @throws AotError `usage` */
export function transportOptions(args: RegistryArgs, signal: AbortSignal): TransportOptions {
  const retries = args['retry-times'];
  if (retries !== undefined && !/^\d{1,3}$/.test(retries))
    throw new AotError('usage', `option '--retry-times' cannot be '${retries}'`, { hint: 'give a number' });
  return {
    ...{ signal, authfile: args.authfile, certDir: args['cert-dir'] },
    tlsVerify: args['no-tls-verify'] ? false : undefined,
    retryTimes: retries === undefined ? undefined : Number(retries),
    transport: args.transport === 'skopeo' ? 'skopeo' : 'own',
  };
}
