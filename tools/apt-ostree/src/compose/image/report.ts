import { type ImageManifest, parseManifest } from '@apt-ostree/manifest';

/** What aot-ociexport printed. */
export const readImage = (text: string): ImageManifest => parseManifest(text, ['aot.image/v1'], "stage 'ociexport'");

/** What is said of an image that was written. */
export const imageReport = (image: ImageManifest): string => `${image.reference} => ${image.digest}\n`;

/** What each layer holds, for programs. */
export const contentMetadata = ({ layers }: ImageManifest): string =>
  `${JSON.stringify({ layers: layers.map(({ reused: _, ...layer }) => layer) }, null, 2)}\n`;
