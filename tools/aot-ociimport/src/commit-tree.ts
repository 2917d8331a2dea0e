import { type ImageTree, imageMetadata, type TreeDirectory } from '@apt-ostree/oci';
import { byteOrder, type CommitMetadata, checksum, encodeCommitObject } from '@apt-ostree/ostree';
import { timestampOf, versionOf } from './labels.ts';
import { installedPackages } from './packages.ts';
import type { Staging } from './staging.ts';

/** Writes a tree of objects that are there as the commit of the image. */
export function commitTree(staging: Staging, tree: ImageTree): string {
  const { repo, image } = staging;
  const root = write(staging, tree.root);
  const metadata: CommitMetadata = { ...imageMetadata(image), ...packagesOf(staging, tree), ...kernelOf(tree) };
  const version = versionOf(image);
  if (version !== undefined) metadata['version'] = { type: 's', value: version };
  const sorted = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => byteOrder(a, b)));
  const object = encodeCommitObject({ metadata: sorted, parent: undefined, timestamp: timestampOf(image), root });
  repo.metadataObject(object, 'commit');
  return checksum(object);
}

function write({ repo }: Staging, directory: TreeDirectory): { tree: string; meta: string } {
  const files = new Map<string, string>();
  const dirs = new Map<string, { tree: string; meta: string }>();
  for (const [name, node] of directory.children) {
    if (node.type === 'directory') dirs.set(name, write({ repo } as Staging, node));
    else files.set(name, node.object);
  }
  return { tree: repo.dirtree({ files, dirs }), meta: repo.dirmeta(directory.metadata) };
}

/** Of a tree that has a package database. */
function packagesOf(staging: Staging, tree: ImageTree): CommitMetadata {
  const packages = installedPackages(staging, tree);
  if (packages === undefined) return {};
  const rows = packages.map((p) => [p.name, p.version, p.architecture, p.sourcePackage, p.sourceVersion]);
  return { 'aptostree.packages': { type: 'a(sssss)', value: rows } };
}

/** The one kernel, where it is for OSTree. */
function kernelOf(tree: ImageTree): CommitMetadata {
  const modules = tree.at('usr/lib/modules');
  const names = modules?.type === 'directory' ? [...modules.children.keys()] : [];
  const [kver, ...more] = names.filter((name) => tree.at(`usr/lib/modules/${name}/vmlinuz`)?.type === 'file');
  if (kver === undefined || more.length > 0) return {};
  return { 'ostree.bootable': { type: 'b', value: true }, 'ostree.linux': { type: 's', value: kver } };
}
