export { ImageTree, newDirectory, type TreeDirectory, type TreeNode } from './apply/image-tree.ts';
export { formatListing, type LayerEntry, parseListing } from './apply/layer-entry.ts';
export { LayerReader } from './apply/layer-reader.ts';
export { Allowance, LIMITS } from './apply/limits.ts';
export { type Image, type ImageLayer, readAndClose, readImage } from './apply/read-image.ts';
export { type LayerToRead, readLayer } from './apply/read-layer.ts';
export { digestOf, hexOf, verified } from './digest.ts';
export { joinImages, type NamedImage } from './join-images.ts';
export { compareImages, type ImageDifference } from './kept/compare.ts';
export { forgetImages } from './kept/forget.ts';
export {
  imageMetadata,
  isWhole,
  type KeptImage,
  keptImage,
  keptImages,
  nameImage,
  recordMetadata,
  refCommit,
} from './kept/images.ts';
export { keptRefs } from './kept/refs.ts';
export { keptSource } from './kept/source.ts';
export { LayerCache } from './layer/cache.ts';
export { COMPRESSIONS, type Compression, compressorIdentity, layerMediaType } from './layer/compression.ts';
export { type WrittenLayer, writeLayer } from './layer/write-layer.ts';
export {
  type Descriptor,
  type ImageConfig,
  type ImageIndexDocument,
  type ImageManifestDocument,
  MEDIA,
  type Platform,
} from './model.ts';
export { openDestination, openSource, type TransportOptions } from './open.ts';
export { fits, platformOf } from './platform.ts';
export { acceptedDigest } from './policy/accepted-digest.ts';
export {
  formatImageReference,
  formatRegistryName,
  type ImageReference,
  isDigest,
  parseImageReference,
  repositoryBeside,
} from './reference.ts';
export { type RegistryArgs, transportOptions } from './registry-options.ts';
export { cyclonedx, packageUrl, SBOM_FORMS, type SbomPackage, type SbomSubject, spdx } from './sbom/index.ts';
export { imageScratch } from './scratch.ts';
export { parseBaseImage } from './short-names.ts';
export { findSigner, type Signer, type SigningOptions } from './signing/find-signer.ts';
export { TAR_END, type TarEntry, tarHeader, tarPadding } from './tar/write.ts';
export { transferBlobs } from './transfer.ts';
export type { ImageDestination, ImageSource, StoredManifest } from './transport.ts';
export { isIndex, parseConfig, parseIndex, parseManifestDocument } from './validate.ts';
