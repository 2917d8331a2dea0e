export {
  type Descriptor,
  type ImageConfig,
  type ImageIndexDocument,
  type ImageManifestDocument,
  MEDIA,
  type Platform,
} from './model.ts';
export type { ImageReference } from './reference.ts';
export { cyclonedx, packageUrl, SBOM_FORMS, type SbomPackage, type SbomSubject, spdx } from './sbom/index.ts';
export type { ImageDestination, ImageSource, StoredManifest } from './transport.ts';
