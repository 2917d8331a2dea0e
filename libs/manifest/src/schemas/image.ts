import * as z from 'zod/mini';
import { doc, Sha256 } from './common.ts';

/** aot.image/v1: an OCI image made from a commit. */
export const ImageManifest = z.looseObject({
  kind: z.literal('aot.image/v1'),
  reference: doc(z.string(), 'Where the image was written'),
  digest: doc(z.string(), 'Digest of its manifest'),
  commit: Sha256,
});
export type ImageManifest = z.infer<typeof ImageManifest>;
