import { formatRegistryName } from '../reference.ts';
import type { Way } from './find-signer.ts';

/**
 * cosign with a private key. Nothing goes to a public log; cosign 3 would take the log's address from a service otherwise.
 * The key's password is in COSIGN_PASSWORD, as cosign has it.
 */
export const cosign = (major: number): Way => ({
  program: 'cosign',
  argv: (reference, digest, key, { tlsVerify }) => [
    ...['sign', '--yes', '--recursive', '--key', key, '--tlog-upload=false'],
    ...(major >= 3 ? ['--use-signing-config=false'] : []),
    ...(tlsVerify === false ? ['--allow-http-registry', '--allow-insecure-registry'] : []),
    formatRegistryName({ ...reference, tag: undefined, digest }),
  ],
  env: ({ certDir }) => (certDir === undefined ? {} : { SSL_CERT_DIR: certDir }), // Go adds these to the system's
});
