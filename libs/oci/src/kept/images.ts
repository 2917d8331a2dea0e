import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommitMetadata, ostree, readCommit } from '@apt-ostree/ostree';
import type { Image } from '../apply/read-image.ts';
import type { ImageManifestDocument } from '../model.ts';
import { parseConfig, parseManifestDocument } from '../validate.ts';
import { keptRefs, keptRefsBelow } from './refs.ts';

/** An image that a repository has as a commit. */
export interface KeptImage {
  /** Of its manifest. */
  digest: string;
  commit: string;
  manifest: ImageManifestDocument;
  diffIds: string[];
}

const COMMIT = 'aptostree.image-commit';

/** What the commit of an image says of it, in the names of ostree's own containers. */
export const imageMetadata = ({ stored, configBytes }: Pick<Image, 'stored' | 'configBytes'>): CommitMetadata => ({
  'ostree.manifest-digest': { type: 's', value: stored.digest },
  'ostree.manifest': { type: 's', value: stored.bytes.toString() },
  'ostree.container.image-config': { type: 's', value: configBytes.toString() },
});

/** The record that says which commit an image gave: the commit that an image carries cannot say so itself. */
export const recordMetadata = (image: Pick<Image, 'stored' | 'configBytes'>, commit: string): CommitMetadata => ({
  [COMMIT]: { type: 's', value: commit },
  ...imageMetadata(image),
});

/** Remembers what a reference named when it was imported, for those who may not look. */
export async function nameImage(repo: string, reference: string, digest: string): Promise<void> {
  const record = refCommit(repo, keptRefs.image(digest));
  if (record === undefined || record === refCommit(repo, keptRefs.name(reference))) return;
  const args = ['refs', '--force', `--create=${keptRefs.name(reference)}`, record];
  await ostree(repo, args, `cannot remember the image '${reference}'`);
}

/** The image with that digest of its manifest; undefined where the repository does not know it. */
export const keptImage = (repo: string, digest: string): KeptImage | undefined =>
  readRecord(repo, keptRefs.image(digest));

/** All images that the repository knows. */
export const keptImages = (repo: string): KeptImage[] =>
  keptRefsBelow(repo, 'aot/image').flatMap((ref) => readRecord(repo, ref) ?? []);

function readRecord(repo: string, ref: string): KeptImage | undefined {
  const record = refCommit(repo, ref);
  if (record === undefined) return undefined;
  const { metadata } = readCommit(repo, record);
  const text = (key: string): string => (typeof metadata[key] === 'string' ? metadata[key] : '');
  return {
    digest: text('ostree.manifest-digest'),
    commit: text(COMMIT),
    manifest: parseManifestDocument(Buffer.from(text('ostree.manifest'))),
    diffIds: parseConfig(Buffer.from(text('ostree.container.image-config'))).rootfs.diff_ids,
  };
}

/** The commit that one of our refs names; undefined where there is none, or its commit is not here whole. */
export function refCommit(repo: string, ref: string): string | undefined {
  const file = join(repo, 'refs/heads', ref);
  if (!existsSync(file)) return undefined;
  const commit = readFileSync(file, 'utf8').trim();
  return isWhole(repo, commit) ? commit : undefined;
}

/** Libostree marks a commit whose files it has not all. */
export const isWhole = (repo: string, commit: string): boolean =>
  /^[0-9a-f]{64}$/.test(commit) &&
  existsSync(join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commit`)) &&
  !existsSync(join(repo, 'state', `${commit}.commitpartial`));
