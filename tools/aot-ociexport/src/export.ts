import type { Context } from '@apt-ostree/cli';
import type { ImageLayer, ImageManifest } from '@apt-ostree/manifest';
import {
  compressorIdentity,
  type ImageConfig,
  type ImageDestination,
  MEDIA,
  openDestination,
  type Platform,
} from '@apt-ostree/oci';
import { platformOf } from './architecture.ts';
import { imageConfig, readBase } from './config.ts';
import { encapsulatedLabels, encapsulatedLayers } from './encapsulate.ts';
import { groupSources } from './groups.ts';
import { assignments, labelsOf, sorted } from './labels.ts';
import { type MadeLayer, makeLayers } from './make-layers.ts';
import { imageManifest, store } from './manifest.ts';
import { readOwnership } from './ownership.ts';
import { kernelsOf, type Planning, plainLayers } from './plan.ts';
import type { PlannedLayer } from './planned.ts';
import { previousGroups } from './previous.ts';
import { type ExportArgs, type Request, readRequest } from './request.ts';
import { findSigner, type Signer } from './sign.ts';
import { findSource, type Source } from './source.ts';
import { transportOptions } from './transport-options.ts';
import { imageTree } from './tree.ts';

/** aot.commit/v1 to aot.image/v1: writes a commit's tree as an image. */
export async function exportImage(args: ExportArgs, context: Context): Promise<ImageManifest> {
  const image = await prepare(args, context);
  const destination = await openDestination(image.request.reference, image.request.transport);
  try {
    return await write(image, destination, args, context);
  } finally {
    await destination.close();
  }
}

/** An image before anything is written: what was asked for, and what it is made of. */
interface PreparedImage {
  request: Request;
  source: Source;
  compressor: string;
  platform: Platform;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  base: ImageConfig | undefined;
  sign: Signer | undefined;
  plans: readonly PlannedLayer[];
}

async function prepare(args: ExportArgs, context: Context): Promise<PreparedImage> {
  const request = readRequest(args, transportOptions(args, context));
  const annotations = assignments(args.annotation, '--annotation');
  const base = readBase(args['image-config']);
  const compressor = await compressorIdentity(request.compression);
  const sign = await findSigner(args['sign-by'], request);
  const source = await findSource(args, context);
  const labels = labelsOf(source.commit, args);
  const planning = await planOf(source, request, args, context);
  const platform = platformOf(args.arch ?? planning.ownership.architecture ?? '');
  const plans = request.format === 'plain' ? plainLayers(planning) : encapsulatedLayers(planning, source.commit);
  return { request, source, compressor, platform, labels, annotations, base, sign, plans };
}

async function planOf(
  { repo, commit }: Source,
  request: Request,
  args: ExportArgs,
  context: Context,
): Promise<Planning> {
  const tree = imageTree(repo, commit.checksum);
  const ownership = readOwnership(repo, commit.checksum);
  const previous = await previousGroups(args.previous, request.transport, context);
  const kernels = kernelsOf(tree, ownership);
  const grouping = groupSources(ownership.sources, { maxLayers: request.maxLayers, kernels, previous });
  return { repo, tree, ownership, grouping };
}

async function write(
  image: PreparedImage,
  destination: ImageDestination,
  args: ExportArgs,
  context: Context,
): Promise<ImageManifest> {
  const { request, source, compressor, platform, base } = image;
  const making = { ...request, compressor, repo: source.repo, cachedir: args.cachedir, destination };
  const layers = await makeLayers(image.plans, making, context);
  const labels = allLabels(image, layers, args);
  const config = store(
    imageConfig({ commit: source.commit, platform, labels, layers, cmd: args.cmd, base }),
    MEDIA.config,
  );
  if (!(await destination.has(config.descriptor))) await destination.put(config.descriptor, config.open);
  const manifest = imageManifest({
    config: config.descriptor,
    layers: layers.map((l) => l.descriptor),
    compressor,
    annotations: { ...labels, ...image.annotations },
  });
  await destination.publish(manifest);
  await image.sign?.(request.reference, manifest.digest);
  const blobs = layers.reduce((sum, l) => sum + l.written.size, 0);
  return {
    kind: 'aot.image/v1',
    reference: args.output as string,
    digest: manifest.digest,
    mediaType: manifest.mediaType,
    size: manifest.bytes.length + config.descriptor.size + blobs,
    configDigest: config.descriptor.digest,
    commit: source.commit.checksum,
    format: request.format,
    labels,
    layers: layers.map(described),
  };
}

/** Those of the format need the layers; the user's win over all. */
function allLabels(image: PreparedImage, layers: readonly MadeLayer[], args: ExportArgs): Record<string, string> {
  const { request, labels, source } = image;
  const ofFormat = request.format === 'plain' ? {} : encapsulatedLabels(source.commit, layers);
  return sorted({ ...labels, ...ofFormat, ...assignments(args.label, '--label') });
}

const described = ({ plan, written, descriptor, reused }: MadeLayer): ImageLayer => ({
  digest: written.digest,
  diffId: written.diffId,
  size: written.size,
  mediaType: descriptor.mediaType,
  title: plan.title,
  packages: [...plan.packages],
  reused,
});
