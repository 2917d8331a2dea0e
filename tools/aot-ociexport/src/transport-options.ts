import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { TransportOptions } from '@apt-ostree/oci';
import type { ExportArgs } from './request.ts';

/** How registries are spoken with, as options of the command line say it. */
export function transportOptions(args: ExportArgs, context: Context): TransportOptions {
  const retries = args['retry-times'];
  if (retries !== undefined && !/^\d{1,3}$/.test(retries))
    throw new AotError('usage', `option '--retry-times' cannot be '${retries}'`, { hint: 'give a number' });
  return {
    ...(args.authfile === undefined ? {} : { authfile: args.authfile }),
    ...(args['cert-dir'] === undefined ? {} : { certDir: args['cert-dir'] }),
    ...(args['no-tls-verify'] ? { tlsVerify: false } : {}),
    ...(retries === undefined ? {} : { retryTimes: Number(retries) }),
    transport: args.transport as 'own' | 'skopeo',
    signal: context.signal,
  };
}
