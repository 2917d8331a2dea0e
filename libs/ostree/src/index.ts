export { type BareRepo, type ObjectType, openBareRepo } from './bare-repo.ts';
export { checkoutConfigured, hasConfigured, storeConfigured } from './configured-cache.ts';
export type { ContentWriter } from './content-writer.ts';
export { type DecodedCommit, decodeCommit } from './decode-commit.ts';
export { decodeDirtree } from './decode-dirtree.ts';
export * as gvariant from './gvariant.ts';
export { layerChecksums, layerCommit } from './layers.ts';
export { isBare, linkCommit } from './link-commit.ts';
export {
  byteOrder,
  type CommitContent,
  checksum,
  type DirtreeContent,
  encodeCommit,
  encodeDirmeta,
  encodeDirtree,
  fileHash,
  type Metadata,
} from './objects.ts';
export { isRepository, ostree } from './ostree.ts';
export { type CommitInfo, type CommittedPackage, readCommit } from './read-commit.ts';
export { readGvariant } from './read-gvariant.ts';
export { openTree } from './read-tree-file.ts';
export { cannotWrite, makeWritable } from './repo-errors.ts';
export { resolveRevision } from './resolve-revision.ts';
export { checkSignatures, type Signatures, sign } from './sign.ts';
