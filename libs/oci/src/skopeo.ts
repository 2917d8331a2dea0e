import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { run, temporaryDirectory } from '@apt-ostree/run';
import { artifactOf } from './layout/artifact.ts';
import { makeLayout } from './layout/destination.ts';
import { openLayout } from './layout/source.ts';
import type { TransportOptions } from './open.ts';
import { formatRegistryName, type ImageReference } from './reference.ts';
import type { ImageDestination, ImageSource } from './transport.ts';

type InRegistry = Extract<ImageReference, { transport: 'registry' }>;

/** Has skopeo(1) fetch an image of a registry into a temporary layout, with its policies, mirrors and signatures. */
export async function skopeoSource(
  reference: InRegistry,
  where: string,
  options: TransportOptions,
): Promise<ImageSource> {
  const temporary = await temporaryDirectory(tmpdir());
  const layout = join(temporary.path, 'layout');
  try {
    await copy(`docker://${formatRegistryName(reference)}`, `oci:${layout}`, 'src', `cannot read '${where}'`, options);
    return { ...openLayout(layout, undefined, where), close: () => temporary.remove() };
  } catch (error) {
    await temporary.remove();
    throw error;
  }
}

/** Lets skopeo(1) put an image into a registry, from a temporary layout. */
export async function skopeoDestination(
  reference: InRegistry,
  where: string,
  options: TransportOptions,
): Promise<ImageDestination> {
  const temporary = await temporaryDirectory(tmpdir());
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
  { authfile, tlsVerify, certDir, retryTimes, signal }: TransportOptions,
): Promise<void> {
  const args = [
    ...['copy', '--quiet', '--preserve-digests'],
    ...(side === 'dest' ? ['--all'] : []),
    ...(authfile === undefined ? [] : [`--authfile=${authfile}`]),
    ...(tlsVerify === undefined ? [] : [`--${side}-tls-verify=${tlsVerify}`]),
    ...(certDir === undefined ? [] : [`--${side}-cert-dir=${certDir}`]),
    ...(retryTimes === undefined ? [] : [`--retry-times=${retryTimes}`]),
  ];
  await run('skopeo', [...args, '--', from, to], { what, signal });
}
