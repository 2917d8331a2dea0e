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

/** aot.commit/v1: a commit in a repository. */
export const CommitManifest = z.looseObject({
  kind: z.literal('aot.commit/v1'),
  treefile: FlatTreefile,
  architecture: z.string(),
  repo: doc(z.string(), 'The repository, as it was named on the command line'),
  ref: doc(z.nullable(z.string()), 'The ref that names the commit, or null'),
  commit: Sha256,
  contentChecksum: doc(Sha256, 'Checksum of the tree without commit metadata'),
  parent: z.nullable(Sha256),
  version: z.nullable(z.string()),
  timestamp: doc(z.int(), 'Of the commit, seconds since the epoch'),
  inputHash: doc(Sha256, 'Hash of all that the tree was made from'),
  unchanged: doc(z.boolean(), 'Nothing changed since the parent commit: commit is the parent'),
  packages: z.array(CommittedPackage),
  stats: z.nullable(CommitStats),
});
export type CommitManifest = z.infer<typeof CommitManifest>;
