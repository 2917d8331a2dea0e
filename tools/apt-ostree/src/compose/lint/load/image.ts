import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError, isAotError } from '@apt-ostree/errors';
import {
  Allowance,
  type Image,
  type ImageReference,
  type ImageSource,
  ImageTree,
  imageScratch,
  isIndex,
  LayerReader,
  openSource,
  type Platform,
  parseConfig,
  parseManifestDocument,
  platformOf,
  type RegistryArgs,
  readImage,
  readLayer,
  type TreeNode,
  transportOptions,
} from '@apt-ostree/oci';
import { type BareRepo, openBareRepo } from '@apt-ostree/ostree';
import { LintTree, type Node } from '../lint-tree.ts';

export interface LoadedImage {
  tree: LintTree;
  architecture: string;
  labels: Record<string, string>;
  close(): Promise<void>;
}

/** Reads an image: its layers over each other, with their contents in a temporary repository. */
export async function fromImage(
  reference: ImageReference,
  name: string,
  native: string,
  registry: RegistryArgs,
  context: Context,
): Promise<LoadedImage> {
  const source = await openSource(reference, transportOptions(registry, context.signal));
  try {
    const image = await readImage(source, await platformIn(source, native), name);
    const scratch = await imageScratch();
    try {
      const repo = await openBareRepo(join(scratch.path, 'repo'));
      const tree = new LintTree(nodesOf(await putTogether(image, source, repo, context), repo));
      const labels = { ...image.labels };
      return { tree, architecture: image.config.architecture, labels, close: () => scratch.remove() };
    } catch (error) {
      await scratch.remove();
      throw error;
    }
  } finally {
    await source.close();
  }
}

/** An image says itself what it is for, right or wrong; of an index it is the one for this machine. */
async function platformIn(source: ImageSource, native: string): Promise<Platform> {
  const { mediaType, bytes } = await source.manifest();
  if (isIndex(mediaType)) return platformOf(native);
  const blob = await source.blob(parseManifestDocument(bytes).config);
  const chunks: Buffer[] = [];
  for await (const chunk of blob as AsyncIterable<Buffer>) chunks.push(chunk);
  const { os, architecture, variant } = parseConfig(Buffer.concat(chunks));
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

async function putTogether(image: Image, source: ImageSource, repo: BareRepo, context: Context): Promise<ImageTree> {
  const tree = new ImageTree();
  const allowance = new Allowance();
  for (const { descriptor, diffId } of image.layers) {
    const reader = new LayerReader(repo, allowance);
    await readLayer({ descriptor, diffId, open: () => source.blob(descriptor) }, reader, context.signal);
    await repo.settle();
    try {
      tree.apply(reader.entries);
    } catch (error) {
      if (isAotError(error) || error instanceof TypeError || !(error instanceof Error) || 'code' in error) throw error;
      throw new AotError('data', `cannot use layer '${descriptor.digest}': ${error.message}`, { code: 'bad-layer' });
    }
  }
  return tree;
}

function nodesOf({ root }: ImageTree, repo: BareRepo): Map<string, Node> {
  const nodes = new Map<string, Node>();
  const add = (children: ReadonlyMap<string, TreeNode>, prefix: string): void => {
    for (const [name, child] of children) {
      nodes.set(prefix + name, describe(child, repo));
      if (child.type === 'directory') add(child.children, `${prefix}${name}/`);
    }
  };
  add(root.children, '');
  return nodes;
}

function describe(node: TreeNode, repo: BareRepo): Node {
  if (node.type === 'directory') return { type: 'directory', mode: node.metadata.mode & 0o7777, size: 0 };
  if (node.type === 'symlink') return { type: 'link', mode: 0o777, size: 0, target: node.target };
  const file = repo.objectPath(node.object, 'file');
  const { mode, size } = lstatSync(file);
  return { type: 'file', mode: mode & 0o7777, size, read: () => readFileSync(file) };
}
