import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../digest.ts';

/** Raised where a listing from before could not be read any more, or would be another. */
const LISTING_VERSION = 1;

const hex = (digest: string): string => digest.slice('sha256:'.length);

/** What a repository keeps of images that were imported: refs below `aot/`, by digest. */
export const keptRefs = {
  /** A record of an image, by the digest of its manifest. */
  image: (digest: string): string => `aot/image/${hex(digest)}`,
  /** The record of what a reference named last. */
  name: (reference: string): string => `aot/image-name/${digestOf(Buffer.from(reference)).slice('sha256:'.length)}`,
  /** A layer with its listing, by its diff id. */
  layer: (diffId: string): string => `aot/layer/${LISTING_VERSION}/${hex(diffId)}`,
  /** The files of a layer of an image that carries a commit, by its diff id. */
  objects: (diffId: string): string => `aot/objects/${hex(diffId)}`,
};

/** All refs there are of that kind. */
export function keptRefsBelow(
  repo: string,
  prefix: 'aot/image' | 'aot/image-name' | 'aot/layer' | 'aot/objects',
): string[] {
  const directory = join(repo, 'refs/heads', prefix);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => prefix + join(entry.parentPath, entry.name).slice(directory.length));
}
