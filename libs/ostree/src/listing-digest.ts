import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';

/**
 * A digest of what a tree looks like: every path with its type, mode, owner and size. Contents are not read, so it costs
 * little; it finds what a power failure does to files that were never synced, which is to cut them.
 */
export function listingDigest(root: string): string {
  const hash = createHash('sha256');
  const walk = (directory: string): void => {
    for (const name of readdirSync(directory).sort()) {
      const path = `${directory}/${name}`;
      const stat = lstatSync(path);
      const size = stat.isDirectory() ? 0 : stat.size;
      hash.update(`${path.slice(root.length)}\0${stat.mode} ${stat.uid} ${stat.gid} ${size}\0`);
      if (stat.isDirectory()) walk(path);
    }
  };
  walk(root);
  return hash.digest('hex');
}
