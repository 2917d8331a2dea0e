export { copyImage, inTurns, lazily } from './copy.ts';
export { digestOf, hexOf, verified } from './digest.ts';
export {
  type Descriptor,
  type ImageConfig,
  type ImageIndexDocument,
  type ImageManifestDocument,
  MEDIA,
  type Platform,
} from './model.ts';
export { openDestination, openSource, type TransportOptions } from './open.ts';
export {
  formatImageReference,
  formatRegistryName,
  type ImageReference,
  isDigest,
  parseImageReference,
} from './reference.ts';
export type { ImageDestination, ImageSource, StoredManifest } from './transport.ts';
export { isIndex, parseConfig, parseIndex, parseManifestDocument } from './validate.ts';
