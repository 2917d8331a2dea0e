import type { Context } from '@apt-ostree/cli';
import type { ImageLayer, ImageManifest } from '@apt-ostree/manifest';
import {
  compressorIdentity,
  findSigner,
  type ImageConfig,
  type ImageDestination,
  MEDIA,
  openDestination,
  type Platform,
  type Signer,
  transportOptions,
} from '@apt-ostree/oci';
import { ownArchitecture, platformOf } from './architecture.ts';
import { imageConfig, readBase } from './config.ts';
import { encapsulatedLabels, encapsulatedLayers } from './encapsulate.ts';
import { groupSources } from './groups.ts';
import { assignments, labelsOf, sorted } from './labels.ts';
import { type MadeLayer, makeLayers } from './make-layers.ts';
import { imageManifest, type StoredDocument, store } from './manifest.ts';
import { readOwnership } from './ownership.ts';
import { kernelsOf, type Planning, plainLayers } from './plan.ts';
import type { PlannedLayer } from './planned.ts';
import { previousGroups } from './previous.ts';
import { type ExportArgs, type Request, readRequest } from './request.ts';
import { makeSbom, type Sbom, type SbomForm, sbomArtifact } from './sbom.ts';
import { findSource, type Source } from './source.ts';
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
  /** The user's, which win over all. */
  own: Record<string, string>;
  annotations: Record<string, string>;
  base: ImageConfig | undefined;
  sign: Signer | undefined;
  sbom: Sbom | undefined;
  plans: readonly PlannedLayer[];
}

async function prepare(args: ExportArgs, context: Context): Promise<PreparedImage> {
  const request = readRequest(args, transportOptions(args, context.signal));
  const annotations = assignments(args.annotation, '--annotation');
  const own = assignments(args.label, '--label');
  const base = readBase(args['image-config']);
  const compressor = await compressorIdentity(request.compression);
  const key = args['sign-by'];
  const sign = key === undefined ? undefined : await findSigner(key, request.reference, request.transport);
  const source = await findSource(args, context);
  const labels = labelsOf(source.commit, args);
  const planning = await planOf(source, request, args, context);
  const platform = platformOf(args.arch ?? planning.ownership.architecture ?? source.architecture ?? ownArchitecture());
  const plans = request.format === 'plain' ? plainLayers(planning) : encapsulatedLayers(planning, source.commit);
  const name = args.ref ?? source.ref ?? source.commit.checksum;
  const sbom = args.sbom === undefined ? undefined : makeSbom(args.sbom as SbomForm, planning, source.commit, name);
  return { request, source, compressor, platform, labels, own, annotations, base, sign, sbom, plans };
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
  const { components } = request;
  const options = { maxLayers: packageLayers(request, args), kernels, previous, components };
  const grouping = groupSources(ownership.sources, options);
  return { repo, tree, ownership, grouping };
}

/** One layer is the commit's metadata, one the list of packages, where there are such. */
const packageLayers = ({ maxLayers, format }: Request, { sbom }: ExportArgs): number =>
  maxLayers - (format === 'plain' ? 0 : 1) - (sbom === undefined ? 0 : 1);

async function write(
  image: PreparedImage,
  destination: ImageDestination,
  args: ExportArgs,
  context: Context,
): Promise<ImageManifest> {
  const { request, source, compressor, platform, base } = image;
  const making = { ...request, compressor, repo: source.repo, cachedir: args.cachedir, destination };
  const plans = image.sbom === undefined ? image.plans : [...image.plans, image.sbom.layer];
  const layers = await makeLayers(plans, making, context);
  const labels = allLabels(image, layers);
  const config = store(
    imageConfig({ commit: source.commit, platform, labels, layers, cmd: args.cmd, base }),
    MEDIA.config,
  );
  await put(destination, config);
  const manifest = imageManifest({
    config: config.descriptor,
    layers: layers.map((l) => l.descriptor),
    compressor,
    annotations: { ...labels, ...image.annotations },
  });
  if (image.sbom !== undefined) await attach(destination, sbomArtifact(image.sbom, manifest, source.commit));
  await destination.publish(manifest);
  await image.sign?.(manifest.digest);
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

/** Those of the format need the layers. */
function allLabels(image: PreparedImage, layers: readonly MadeLayer[]): Record<string, string> {
  const { request, labels, own, source } = image;
  const ofFormat =
    request.format === 'plain' ? {} : encapsulatedLabels(source.commit, layers.slice(0, image.plans.length));
  return sorted({ ...labels, ...ofFormat, ...own });
}

async function put(destination: ImageDestination, { descriptor, open }: StoredDocument): Promise<void> {
  if (!(await destination.has(descriptor))) await destination.put(descriptor, open);
}

async function attach(destination: ImageDestination, artifact: ReturnType<typeof sbomArtifact>): Promise<void> {
  for (const blob of artifact.blobs) await put(destination, blob);
  await destination.attach(artifact.manifest);
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
