import { AotError } from '@apt-ostree/errors';
import { type ImageLayer, ImageTree, isWhole, keptRefs, refCommit } from '@apt-ostree/oci';
import { ostree, repositoryMode } from '@apt-ostree/ostree';
import { atOnce } from './at-once.ts';
import { treeOfCommit } from './commit-to-tree.ts';
import { commitTree } from './commit-tree.ts';
import { finalDiffId } from './labels.ts';
import { keep } from './layers.ts';
import { asContainer, asDeployed } from './layout.ts';
import { ObjectReader } from './object-reader.ts';
import { putOver } from './plain.ts';
import { LAYERS_AT_ONCE, type Staging } from './staging.ts';

/** The commit that an image carries; with layers over it, the commit of the whole. */
export async function importEncapsulated(staging: Staging, remote: string | undefined): Promise<string> {
  const { layers, labels } = staging.image;
  const last = layers.findIndex((layer) => layer.diffId === finalDiffId(staging.image));
  if (last < 0) throw bad("its label 'ostree.final-diffid' names none of its layers");
  const commit = labels['ostree.commit'] ?? '';
  if (!/^[0-9a-f]{64}$/.test(commit)) throw bad("its label 'ostree.commit' is no checksum of a commit");
  const derived = layers.slice(last + 1);
  if (remote !== undefined && derived.length > 0) throw unsigned();
  const own = layers.slice(0, last + 1);
  if (!isWhole(staging.target, commit) || remote !== undefined) {
    await readCommitLayers(staging, own, commit);
    await staging.publish([commit], remote);
  } else for (const layer of own) staging.skip(layer);
  return derived.length === 0 ? commit : putTogether(staging, commit, derived);
}

/** The first layer has the commit and all directories, those after it only files; such a one is kept, and not read again. */
async function readCommitLayers(staging: Staging, layers: readonly ImageLayer[], commit: string): Promise<void> {
  const found: string[] = [];
  const read = async (layer: ImageLayer, signal: AbortSignal) => {
    if (layer !== layers[0] && refCommit(staging.target, keptRefs.objects(layer.diffId)) !== undefined)
      return staging.skip(layer);
    found.push(...(await readObjects(staging, layer, signal)));
  };
  for await (const _ of atOnce(layers, LAYERS_AT_ONCE, read));
  if (!found.includes(commit)) throw bad(`its layers lack the commit '${commit}'`);
}

/** @returns the commits in the layer */
async function readObjects(staging: Staging, layer: ImageLayer, signal: AbortSignal): Promise<readonly string[]> {
  const reader = new ObjectReader(staging.repo, staging.allowance);
  await staging.read(layer, reader, signal);
  const files = new Map(reader.files.map((object) => [object, object]));
  staging.name(keptRefs.objects(layer.diffId), keep(staging.repo, `objects of layer ${layer.diffId}`, files));
  return reader.commits;
}

async function putTogether(staging: Staging, commit: string, derived: readonly ImageLayer[]): Promise<string> {
  const tree = new ImageTree(treeOfCommit(await bareRepositoryOf(staging, commit), commit));
  asContainer(tree);
  await putOver(tree, derived, staging);
  asDeployed(tree);
  return commitTree(staging, tree);
}

/** A repository of mode bare that has the commit: only there files are what they are. */
async function bareRepositoryOf({ target, repo }: Staging, commit: string): Promise<string> {
  if (repositoryMode(target) === 'bare') return target;
  await ostree(repo.path, ['pull-local', '--', target, commit], `cannot read '${target}'`);
  return repo.path;
}

const unsigned = (): AotError =>
  new AotError(
    'failed',
    'cannot verify the image: it has layers over its commit, and a signature of that says nothing about them',
    {
      code: 'unsigned',
      hint: 'make a commit of the whole, sign that, and export it encapsulated',
    },
  );

const bad = (why: string): AotError =>
  new AotError('data', `cannot use the image: ${why}`, { code: 'bad-encapsulation' });
