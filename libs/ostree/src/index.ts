export { accounts, type Group, parseGroup, parsePasswd, type User } from './accounts.ts';
export { type BareRepo, type ObjectType, openBareRepo } from './bare-repo.ts';
export { type CommitObject, encodeCommitObject } from './commit-object.ts';
export { checkoutConfigured, hasConfigured, storeConfigured } from './configured-cache.ts';
export type { ContentWriter } from './content-writer.ts';
export { type DecodedCommit, decodeCommit } from './decode-commit.ts';
export { decodeDirtree } from './decode-dirtree.ts';
export { writeDetached } from './detached.ts';
export { ensureRepository } from './ensure-repository.ts';
export { type FileObject, FileObjects } from './file-objects.ts';
export { bytesToFetch, encodeFileSizes, FILE_SIZES } from './file-sizes.ts';
export { type At, followLinks } from './follow-links.ts';
export * as gvariant from './gvariant.ts';
export { commitsIn, hasCommit, history } from './history.ts';
export { layerChecksums, layerCommit } from './layers.ts';
export { linkCheckout } from './link-checkout.ts';
export { linkCommit } from './link-commit.ts';
export { type DirectoryMetadata, type ListedEntry, listTree, readDirmeta } from './list-tree.ts';
export {
  byteOrder,
  type CommitContent,
  checksum,
  type DirtreeContent,
  encodeCommit,
  encodeDirmeta,
  encodeDirtree,
  encodeXattrs,
  fileHash,
  type Metadata,
  type Xattr,
} from './objects.ts';
export { isRepository, ostree } from './ostree.ts';
export { type CommitInfo, type CommittedPackage, readCommit } from './read-commit.ts';
export { readGvariant } from './read-gvariant.ts';
export { objectPath, readObject } from './read-object.ts';
export { openTree, readFileObject } from './read-tree-file.ts';
export { cannotWrite, makeWritable } from './repo-errors.ts';
export { repositoryMode, repositorySetting, repositorySyncs } from './repository-setting.ts';
export { resolveRevision } from './resolve-revision.ts';
export { roomIn } from './room.ts';
export { checkSignatures, type Signatures, sign } from './sign.ts';
export { byBytes, type Entry, Tree } from './tree.ts';
export { type CommitMetadata, fromJson, type Variant } from './variant.ts';
export { type Root, type TreeStats, writeTree } from './write-tree.ts';
