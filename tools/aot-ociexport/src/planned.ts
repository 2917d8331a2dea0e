import { createHash } from 'node:crypto';

/** An extended attribute as text, since plans are hashed and handed to threads: its value in hexadecimal. */
export type PlannedXattr = readonly [name: string, hex: string];

interface Owned {
  path: string;
  uid: number;
  gid: number;
  mode: number;
}

/** One entry of a layer, before anything of a file but the name of its object is known. */
export type PlannedEntry =
  | (Owned & { kind: 'directory'; xattrs: readonly PlannedXattr[] })
  /** A file or link of the commit; where the layer has the same content already at `same`, a link to that. */
  | { kind: 'object'; path: string; object: string; same?: string }
  /** A file that the image has and the commit does not. */
  | (Owned & { kind: 'data'; base64: string })
  /** The object itself, in a repository that the image carries, with its attributes in a file beside it. */
  | { kind: 'store'; object: string }
  /** A name in the tree for an object that is stored in the same layer. */
  | { kind: 'name'; path: string; object: string }
  /** A metadata object, byte for byte. */
  | { kind: 'metadata'; object: string; type: 'commit' | 'dirtree' | 'dirmeta' };

/** A layer that is to be made. */
export interface PlannedLayer {
  /** What groups of later builds are compared by. */
  id: string;
  /** Source packages in it, by name. */
  packages: readonly string[];
  /** For people: the history of the image. */
  title: string;
  entries: readonly PlannedEntry[];
  /** About how much work it is. */
  weight: number;
}

/** A file of root's with that content. */
export const dataEntry = (path: string, content: Uint8Array): PlannedEntry & { kind: 'data' } => ({
  kind: 'data',
  path,
  uid: 0,
  gid: 0,
  mode: 0o644,
  base64: Buffer.from(content).toString('base64'),
});

/** A directory of root's. */
export const directoryEntry = (path: string, mode = 0o755): PlannedEntry & { kind: 'directory' } => ({
  kind: 'directory',
  path,
  uid: 0,
  gid: 0,
  mode,
  xattrs: [],
});

/** Changes with every change of what is written for the same plan. */
const FORM = 2;

/** The name of a compressed layer in the cache: by all that decides its bytes. Objects stand for their content, and
 * members of entries are always in the same order. */
export function layerKey(layer: PlannedLayer, compressor: string): string {
  const hash = createHash('sha256').update(`[${FORM},${JSON.stringify(compressor)},[`);
  layer.entries.forEach((entry, i) => {
    hash.update((i === 0 ? '' : ',') + JSON.stringify(entry));
  });
  return hash.update(']]').digest('hex');
}
