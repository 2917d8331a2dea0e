import * as z from 'zod/mini';
import { doc, Sha256 } from './common.ts';
import { FlatTreefile } from './treefile.ts';

export const CommittedPackage = z.looseObject({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  sourcePackage: z.string(),
  sourceVersion: z.string(),
});

export const CommitStats = z.looseObject({
  metadataTotal: z.int(),
  metadataWritten: z.int(),
  contentTotal: z.int(),
  contentWritten: z.int(),
  contentBytesWritten: z.int(),
  cacheHits: z.int(),
});

/** An image that a commit was made from. */
export const ImportedImage = z.looseObject({
  reference: doc(z.string(), 'Where it was read'),
  digest: doc(z.string(), 'Digest of its manifest'),
  format: doc(
    z.enum(['plain', 'encapsulated']),
    'Whether it is a file system, or carries an OSTree commit; layers may have been put over either',
  ),
  layers: doc(
    z.array(
      z.looseObject({
        digest: doc(z.string(), 'Digest of the blob'),
        diffId: doc(z.string(), 'Digest of the uncompressed layer'),
        size: doc(z.int(), 'Bytes of the blob'),
        fetched: doc(z.boolean(), 'False where the repository had the layer already'),
      }),
    ),
    'Its layers, the lowest first',
  ),
});
export type ImportedImage = z.infer<typeof ImportedImage>;

/** aot.commit/v1: a commit in a repository. */
export const CommitManifest = z.looseObject({
  kind: z.literal('aot.commit/v1'),
  treefile: doc(z.nullable(FlatTreefile), 'The flattened treefile; null for a commit that was not made from one'),
  architecture: z.string(),
  repo: doc(z.string(), 'The repository, as it was named on the command line'),
  ref: doc(z.nullable(z.string()), 'The ref that names the commit, or null'),
  commit: Sha256,
  contentChecksum: doc(Sha256, 'Checksum of the tree without commit metadata'),
  parent: z.nullable(Sha256),
  version: z.nullable(z.string()),
  timestamp: doc(z.int(), 'Of the commit, seconds since the epoch'),
  inputHash: doc(z.nullable(Sha256), 'Hash of all that the tree was made from; null for a commit made from an image'),
  unchanged: doc(z.boolean(), 'Nothing changed since the parent commit: commit is the parent'),
  packages: z.array(CommittedPackage),
  stats: z.nullable(CommitStats),
  image: doc(z.optional(ImportedImage), 'The image that the commit was made from'),
});
export type CommitManifest = z.infer<typeof CommitManifest>;
