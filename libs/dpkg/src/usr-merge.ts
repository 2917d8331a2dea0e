/** Directories that merged /usr turned into links (Debian policy 9.1.1; DEP 17), and dpkg's further multilib ones. */
const ALIASED = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'libo32']);

/**
 * Where a path of a package really is in a tree with merged /usr: `lib/x` is `usr/lib/x`.
 * @param path without leading `./` or `/`
 * @param isLink a top-level link such as `lib` itself stays where it is
 */
export function mergedPath(path: string, isLink = false): string {
  const slash = path.indexOf('/');
  const top = slash < 0 ? path : path.slice(0, slash);
  if (!ALIASED.has(top) || (slash < 0 && isLink)) return path;
  return `usr/${path}`;
}
