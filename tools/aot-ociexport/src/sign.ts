import { AotError, isAotError } from '@apt-ostree/errors';
import { formatRegistryName, type ImageReference } from '@apt-ostree/oci';
import { run } from '@apt-ostree/run';
import type { Request } from './request.ts';

/** Signs what was pushed, by its digest. */
export type Signer = (reference: ImageReference, digest: string) => Promise<void>;

/**
 * Finds a program that signs images with a private key, before anything is written.
 * @throws AotError `os` when neither cosign nor skopeo is installed
 */
export async function findSigner(key: string | undefined, { transport }: Request): Promise<Signer | undefined> {
  if (key === undefined) return undefined;
  const { authfile, tlsVerify, signal } = transport;
  const env = authfile === undefined ? {} : { REGISTRY_AUTH_FILE: authfile };
  const cosign = await versionOf('cosign', ['version']);
  const skopeo = cosign === undefined ? await versionOf('skopeo', ['--version']) : undefined;
  if (cosign === undefined && skopeo === undefined)
    throw new AotError('os', `cannot sign with '${key}': neither cosign nor skopeo is installed`, {
      code: 'not-installed',
      hint: "install the Debian package 'cosign' or 'skopeo', or leave out --sign-by",
    });
  return async (reference, digest) => {
    const name = nameOf(reference, digest);
    const insecure = tlsVerify === false;
    const command = cosign
      ? ['cosign', ...cosignArguments(cosign, key, insecure), name]
      : ['skopeo', ...skopeoArguments(key, insecure), `docker://${name}`, `docker://${tagOf(reference)}`];
    const [program = '', ...args] = command;
    await run(program, args, { env, signal, what: `cannot sign '${name}'` });
  };
}

/** Its major version; undefined where it is not installed. */
async function versionOf(program: string, args: readonly string[]): Promise<number | undefined> {
  try {
    const { stdout, stderr } = await run(program, args, { ok: 'any' });
    return Number(/(?:version|GitVersion:)\s+v?(\d+)/.exec(stdout + stderr)?.[1] ?? 0);
  } catch (error) {
    if (isAotError(error) && error.code === 'not-installed') return undefined;
    throw error;
  }
}

type InRegistry = Extract<ImageReference, { transport: 'registry' }>;

const nameOf = (reference: ImageReference, digest: string): string =>
  formatRegistryName({ ...(reference as InRegistry), tag: undefined, digest });
const tagOf = (reference: ImageReference): string =>
  formatRegistryName({ ...(reference as InRegistry), digest: undefined });

/** With a key of one's own, nothing goes to a public log; cosign 3 would take its address from a service otherwise. */
const cosignArguments = (major: number, key: string, insecure: boolean): string[] => [
  ...['sign', '--yes', '--key', key, '--tlog-upload=false'],
  ...(major >= 3 ? ['--use-signing-config=false'] : []),
  ...(insecure ? ['--allow-http-registry', '--allow-insecure-registry'] : []),
];

const skopeoArguments = (key: string, insecure: boolean): string[] => [
  ...['copy', '--preserve-digests', '--sign-by-sigstore-private-key', key],
  ...(insecure ? ['--src-tls-verify=false', '--dest-tls-verify=false'] : []),
];
