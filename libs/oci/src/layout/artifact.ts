import type { Descriptor } from '../model.ts';
import type { StoredManifest } from '../transport.ts';
import { parseManifestDocument } from '../validate.ts';

/**
 * How an index lists a manifest that says something about another: a signature, a list of packages; undefined for one that
 * has no subject (OCI image specification, "Image Manifest", `subject` and `artifactType`).
 */
export function artifactOf({ bytes, mediaType, digest }: StoredManifest): Descriptor | undefined {
  const document = 'subject' in JSON.parse(bytes.toString('utf8')) ? parseManifestDocument(bytes) : undefined;
  if (document === undefined) return undefined;
  const { artifactType = document.config.mediaType, annotations } = document;
  return { mediaType, digest, size: bytes.length, artifactType, ...(annotations ? { annotations } : {}) };
}
