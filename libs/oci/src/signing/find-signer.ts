import { closeSync, existsSync } from 'node:fs';
import { AotError, isAotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { formatImageReference, type ImageReference } from '../reference.ts';
import { cosign } from './cosign.ts';
import { namelessFile } from './nameless-file.ts';
import { skopeoGpg, skopeoSigstore } from './skopeo.ts';

/** An image in a registry. */
export type InRegistry = Extract<ImageReference, { transport: 'registry' }>;

/** Signs what was pushed, by its digest: an image, or an index and each image in it. */
export type Signer = (digest: string) => Promise<void>;

export interface SigningOptions {
  /** Credentials for the registry. */
  authfile?: string | undefined;
  /** False: the registry's certificate is taken as it is, or there is none. */
  tlsVerify?: boolean | undefined;
  /** Certificates that are trusted besides the system's. */
  certDir?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** One program with one kind of key. */
export interface Way {
  program: 'cosign' | 'skopeo';
  /** Of the program. */
  argv(reference: InRegistry, digest: string, key: string, options: SigningOptions): string[];
  /** Of it, besides the file of credentials. */
  env?(options: SigningOptions): Record<string, string>;
  /** What it opens as /dev/stdin. */
  secret?: string;
}

/**
 * Finds the program that signs with a key, before anything is written: with a private key in a file cosign or, without it,
 * skopeo; with a key of GnuPG, by fingerprint or user ID, skopeo.
 * @param reference what is going to be pushed
 * @throws AotError `usage` where that is no registry, `noInput` for a file that is not there, `os` when no such program is
 * installed
 */
export async function findSigner(key: string, reference: ImageReference, options: SigningOptions): Promise<Signer> {
  if (reference.transport !== 'registry')
    throw new AotError('usage', `cannot sign '${formatImageReference(reference)}': signatures are kept in registries`, {
      hint: 'push to a registry with --output registry:HOST/NAME:TAG',
    });
  const way = await wayOf(key);
  const env = {
    ...(options.authfile === undefined ? {} : { REGISTRY_AUTH_FILE: options.authfile }),
    ...way.env?.(options),
  };
  return async (digest) => {
    const stdin = way.secret === undefined ? undefined : namelessFile(way.secret);
    try {
      await run(way.program, way.argv(reference, digest, key, options), {
        ...{ env, stdin, what: `cannot sign '${reference.host}/${reference.name}@${digest}'` },
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } finally {
      if (stdin !== undefined) closeSync(stdin);
    }
  };
}

async function wayOf(key: string): Promise<Way> {
  if (existsSync(key)) {
    const major = await majorVersion('cosign', ['version']);
    if (major !== undefined) return cosign(major);
    if ((await majorVersion('skopeo', ['--version'])) !== undefined) return skopeoSigstore();
    throw notInstalled(key, 'neither cosign nor skopeo is installed', "'cosign' or 'skopeo'");
  }
  if (/[/.]/.test(key) && !key.includes('@'))
    throw new AotError('noInput', `cannot sign with '${key}': no such file`, {
      hint: 'name a file with a private key, or a key of GnuPG by its fingerprint',
    });
  if ((await majorVersion('skopeo', ['--version'])) !== undefined) return skopeoGpg;
  throw notInstalled(key, 'skopeo is not installed', "'skopeo'");
}

/** Undefined where it is not installed. */
async function majorVersion(program: string, args: readonly string[]): Promise<number | undefined> {
  try {
    const { stdout, stderr } = await run(program, args, { ok: 'any' });
    return Number(/(?:version|GitVersion:)\s+v?(\d+)/.exec(stdout + stderr)?.[1] ?? 0);
  } catch (error) {
    if (isAotError(error) && error.code === 'not-installed') return undefined;
    throw error;
  }
}

const notInstalled = (key: string, why: string, packages: string): AotError =>
  new AotError('os', `cannot sign with '${key}': ${why}`, {
    code: 'not-installed',
    hint: `install the Debian package ${packages}, or leave out --sign-by`,
  });
