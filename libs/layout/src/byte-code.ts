import type { Entry, Tree } from '@apt-ostree/ostree';

/** Length of the header of a .pyc: magic number, flags, time and size of the source (PEP 552). */
const HEADER = 16;

/**
 * A deployment's files all have the time 0, so byte code that was compiled from a source of another time would be stale
 * for ever. Its recorded time becomes 0; byte code that is checked by hash, or not at all, stays.
 */
export function byteCode(tree: Tree, entries: Iterable<Entry>): void {
  for (const { path, stat } of entries) {
    if (!stat.isFile() || !path.endsWith('.pyc')) continue;
    const bytes = tree.readBytes(path);
    if (bytes === undefined || bytes.length < HEADER || bytes.readUInt32LE(4) !== 0 || bytes.readUInt32LE(8) === 0)
      continue;
    bytes.writeUInt32LE(0, 8);
    tree.rewrite(path, bytes);
  }
}
