import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { digestOf, hexOf, verified } from './digest.ts';
import { artifactOf } from './layout/artifact.ts';
import { makeLayout } from './layout/destination.ts';
import { mediaTypeOf } from './layout/source.ts';
import type { Platform } from './model.ts';
import type { TransportOptions } from './open.ts';
import { formatRegistryName, type ImageReference } from './reference.ts';
import { imageScratch } from './scratch.ts';
import type { ImageDestination, ImageSource } from './transport.ts';

type InRegistry = Extract<ImageReference, { transport: 'registry' }>;

/**
 * Has skopeo(1) fetch an image of a registry into a temporary directory, with its policies, mirrors and signatures: of an
 * index the one for the platform. A layout would not do, since it cannot have Docker's manifests as they are.
 */
export async function skopeoSource(
  reference: InRegistry,
  where: string,
  options: TransportOptions,
): Promise<ImageSource> {
  const temporary = await imageScratch();
  const directory = join(temporary.path, 'image');
  try {
    await copy(
      `docker://${formatRegistryName(reference)}`,
      `dir:${directory}`,
      'src',
      `cannot read '${where}'`,
      options,
    );
    return { ...fetched(directory, where), close: () => temporary.remove() };
  } catch (error) {
    await temporary.remove();
    throw error;
  }
}

/** Skopeo's own form of an image: its manifest beside its blobs. */
function fetched(directory: string, where: string): Omit<ImageSource, 'close'> {
  const bytes = readFileSync(join(directory, 'manifest.json'));
  return {
    manifest: async () => ({ bytes, digest: digestOf(bytes), mediaType: mediaTypeOf(bytes) }),
    blob: async (descriptor) =>
      verified(createReadStream(join(directory, hexOf(descriptor.digest))), descriptor, where),
  };
}

/** Lets skopeo(1) put an image into a registry, from a temporary layout. */
export async function skopeoDestination(
  reference: InRegistry,
  where: string,
  options: TransportOptions,
): Promise<ImageDestination> {
  const temporary = await imageScratch();
  const layout = join(temporary.path, 'layout');
  const inner = await makeLayout(layout, undefined, where, options.signal);
  return {
    has: (descriptor) => inner.has(descriptor),
    put: (descriptor, open) => inner.put(descriptor, open),
    async attach(manifest) {
      if (artifactOf(manifest) !== undefined) throw cannotAttach(where);
      await inner.attach(manifest);
    },
    async publish(manifest) {
      await inner.publish(manifest);
      await copy(
        `oci:${layout}`,
        `docker://${formatRegistryName(reference)}`,
        'dest',
        `cannot write '${where}'`,
        options,
      );
    },
    async close() {
      await inner.close();
      await temporary.remove();
    },
  };
}

const cannotAttach = (where: string): AotError =>
  new AotError('usage', `cannot attach anything to '${where}': skopeo copies images alone`, {
    hint: 'without --transport=skopeo we do it',
  });

/** @param side which of both is the registry */
async function copy(
  from: string,
  to: string,
  side: 'src' | 'dest',
  what: string,
  { authfile, tlsVerify, certDir, retryTimes, platform, signal }: TransportOptions,
): Promise<void> {
  const args = [
    ...(side === 'dest' || platform === undefined ? [] : platformWords(platform)),
    ...['copy', '--quiet', '--preserve-digests'],
    ...(side === 'dest' ? ['--all'] : []),
    ...(authfile === undefined ? [] : [`--authfile=${authfile}`]),
    ...(tlsVerify === undefined ? [] : [`--${side}-tls-verify=${tlsVerify}`]),
    ...(certDir === undefined ? [] : [`--${side}-cert-dir=${certDir}`]),
    ...(retryTimes === undefined ? [] : [`--retry-times=${retryTimes}`]),
  ];
  await run('skopeo', [...args, '--', from, to], { what, signal });
}

/** Which image of an index skopeo is to take. */
export const platformWords = ({ architecture, os, variant }: Platform): string[] => [
  ...[`--override-arch=${architecture}`, `--override-os=${os}`],
  ...(variant === undefined ? [] : [`--override-variant=${variant}`]),
];
