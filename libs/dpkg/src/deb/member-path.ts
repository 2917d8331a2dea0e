/** Linux's limits for a path and for one name in it. */
const PATH_MAX = 4096;
const NAME_MAX = 255;

/**
 * Checks a path of a tar member and takes off its `./` and trailing slash: `./usr/bin/` becomes `usr/bin`, `./` becomes
 * the empty string.
 * @throws Error for absolute paths, empty, `.` or `..` components, and paths longer than Linux has
 */
export function memberPath(path: string): string {
  if (path.startsWith('/')) throw new Error(`path '${path}' is absolute`);
  const bare = path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  if (bare === '' || bare === '.') return '';
  if (bare.length > PATH_MAX) throw new Error(`path '${bare.slice(0, 60)}...' is too long`);
  for (const part of bare.split('/')) {
    if (part === '..') throw new Error(`path '${path}' leads out of the tree`);
    if (part === '' || part === '.') throw new Error(`path '${path}' is not in its plain form`);
    if (part.length > 63 && Buffer.byteLength(part) > NAME_MAX)
      throw new Error(`path '${path}' has a name that is too long`);
  }
  return bare;
}

/**
 * Whether a relative link climbs above the root. Absolute ones are fine: they are seen only from within.
 * @param path of the link itself, below the root
 */
export function escapes(path: string, target: string): boolean {
  if (target.startsWith('/')) return false;
  let depth = path.split('/').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
