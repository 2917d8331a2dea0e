import { formatRegistryName } from '../reference.ts';
import { isLoopback } from '../registry/loopback.ts';
import type { InRegistry, SigningOptions, Way } from './find-signer.ts';

/** skopeo with a private key that cosign or `skopeo generate-sigstore-key` made: the signature is kept in the registry. */
export const skopeoSigstore = (): Way => ({
  program: 'skopeo',
  argv: (reference, digest, key, options) => [
    ...copy(reference, options),
    ...['--sign-by-sigstore-private-key', key, '--sign-passphrase-file', '/dev/stdin'],
    ...names(reference, digest),
  ],
  secret: `${process.env['COSIGN_PASSWORD'] ?? ''}\n`,
});

/** skopeo with a key of GnuPG: the signature is kept where containers-registries.d(5) says. */
export const skopeoGpg: Way = {
  program: 'skopeo',
  argv: (reference, digest, key, options) => [
    ...copy(reference, options),
    ...['--sign-by', key],
    ...names(reference, digest),
  ],
};

/**
 * Copies the image over itself, which transfers nothing but the signature. Of an index each image is signed under its name
 * too: whoever pulls one of them by that name asks for the signature of that one.
 */
const copy = (reference: InRegistry, { tlsVerify, certDir }: SigningOptions): string[] => [
  ...['copy', '--all', '--preserve-digests'],
  ...(isInsecure(reference, tlsVerify) ? ['--src-tls-verify=false', '--dest-tls-verify=false'] : []),
  ...(certDir === undefined ? [] : [`--src-cert-dir=${certDir}`, `--dest-cert-dir=${certDir}`]),
];

const names = (reference: InRegistry, digest: string): string[] => [
  `docker://${formatRegistryName({ ...reference, tag: undefined, digest })}`,
  `docker://${formatRegistryName({ ...reference, digest: undefined })}`,
];

/** A registry on this machine may do without TLS; skopeo takes that only when it is told. */
const isInsecure = ({ host }: InRegistry, tlsVerify: boolean | undefined): boolean =>
  tlsVerify === false || isLoopback(host);
