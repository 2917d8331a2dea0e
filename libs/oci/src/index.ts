export {
  type Descriptor,
  type ImageConfig,
  type ImageIndexDocument,
  type ImageManifestDocument,
  MEDIA,
  type Platform,
} from './model.ts';
export type { ImageReference } from './reference.ts';
export type { ImageDestination, ImageSource, StoredManifest } from './transport.ts';
