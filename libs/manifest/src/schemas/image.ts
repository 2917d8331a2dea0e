import * as z from 'zod/mini';
import { doc, Sha256 } from './common.ts';

/** `sha256:` and 64 hexadecimal digits, as images have it. */
const Digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));

/** One layer of an image. */
export const ImageLayer = z.looseObject({
  digest: doc(Digest, 'Of the blob'),
  diffId: doc(Digest, 'Of the uncompressed tar: the same on every machine'),
  size: doc(z.int(), 'Bytes of the blob'),
  mediaType: z.string(),
  title: doc(z.string(), 'What is in it, for people'),
  packages: doc(z.array(z.string()), 'Source packages that are in it, by name'),
  reused: doc(z.boolean(), 'It was compressed before, for another image or an earlier run'),
});
export type ImageLayer = z.infer<typeof ImageLayer>;

/** aot.image/v1: an OCI image made from a commit. */
export const ImageManifest = z.looseObject({
  kind: z.literal('aot.image/v1'),
  reference: doc(z.string(), 'Where the image was written'),
  digest: doc(Digest, 'Digest of its manifest'),
  mediaType: doc(z.string(), 'Of its manifest'),
  size: doc(z.int(), 'Bytes of manifest, configuration and layers together'),
  configDigest: doc(Digest, 'Digest of its configuration'),
  commit: Sha256,
  format: doc(z.enum(['plain', 'encapsulated']), 'A root file system, or an OSTree repository with one'),
  labels: doc(z.record(z.string(), z.string()), 'Labels of the configuration'),
  layers: doc(z.array(ImageLayer), 'The lowest first'),
});
export type ImageManifest = z.infer<typeof ImageManifest>;
