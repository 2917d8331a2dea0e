import type { Readable } from 'node:stream';
import type { Descriptor } from './model.ts';

/** A manifest or index, byte for byte as it is stored: its digest is of these bytes. */
export interface StoredManifest {
  bytes: Buffer;
  mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string;
}

/** Where an image is read from: a layout, an archive, a registry. */
export interface ImageSource {
  /** What the reference names, or one that an index names by digest. @throws AotError `noInput` when there is none */
  manifest(digest?: string): Promise<StoredManifest>;
  /** A blob's bytes. The stream ends with an AotError `data` where size or digest differ: nothing read from it counts before its end. */
  blob(descriptor: Descriptor): Promise<Readable>;
  close(): Promise<void>;
}

/** Where an image is written to. What is put is not seen by anybody before `publish`. */
export interface ImageDestination {
  /** Whether a blob is there already and need not be put. */
  has(descriptor: Descriptor): Promise<boolean>;
  /** Puts a blob; `open` is called again when a transfer has to begin anew. */
  put(descriptor: Descriptor, open: () => Readable): Promise<void>;
  /** Puts a manifest that others refer to by digest: of an index, or an artifact whose subject is another. */
  attach(manifest: StoredManifest): Promise<void>;
  /** Makes the image seen under the name of the reference, as the last step. */
  publish(manifest: StoredManifest): Promise<void>;
  /** Removes what was not published. */
  close(): Promise<void>;
}
