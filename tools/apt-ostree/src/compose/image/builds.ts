import type { Context } from '@apt-ostree/cli';
import { isAotError } from '@apt-ostree/errors';
import type { ImageManifest } from '@apt-ostree/manifest';
import {
  type ImageManifestDocument,
  openSource,
  parseConfig,
  parseImageReference,
  parseManifestDocument,
  type RegistryArgs,
  transportOptions,
} from '@apt-ostree/oci';

/** An image that is there already. */
export interface Build {
  manifest: ImageManifestDocument;
  labels: Record<string, string>;
}

/** Reads manifest and labels of an image. @throws AotError `noInput` when there is none */
export async function readBuild(reference: string, args: RegistryArgs, context: Context): Promise<Build> {
  const source = await openSource(parseImageReference(reference), transportOptions(args, context.signal));
  try {
    const manifest = parseManifestDocument((await source.manifest()).bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of await source.blob(manifest.config)) chunks.push(chunk as Buffer);
    return { manifest, labels: parseConfig(Buffer.concat(chunks)).config?.Labels ?? {} };
  } finally {
    await source.close();
  }
}

/** The same; undefined where there is none. */
export async function findBuild(reference: string, args: RegistryArgs, context: Context): Promise<Build | undefined> {
  try {
    return await readBuild(reference, args, context);
  } catch (error) {
    if (isAotError(error) && error.code === 'no-image') return undefined;
    throw error;
  }
}

/** What a host that has the one image would fetch of the other, in rpm-ostree's words. */
export function compareBuilds(before: Build, now: ImageManifest): string {
  const old = new Map(before.manifest.layers.map((layer) => [layer.digest, layer.size]));
  const current = new Map(now.layers.map((layer) => [layer.digest, layer.size]));
  const removed = [...old].filter(([digest]) => !current.has(digest));
  const added = [...current].filter(([digest]) => !old.has(digest));
  return [
    ['Total new layers:', current],
    ['Removed layers:', removed],
    ['Added layers:', added],
  ]
    .map(([title, layers]) => row(title as string, [...(layers as Iterable<[string, number]>)]))
    .join('');
}

const row = (title: string, layers: readonly [string, number][]): string =>
  `${title.padEnd(17)} ${String(layers.length).padEnd(4)} Size: ${megabytes(layers.reduce((sum, [, n]) => sum + n, 0))}\n`;

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
