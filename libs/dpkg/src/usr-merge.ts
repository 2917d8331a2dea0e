/** Directories that merged /usr turned into links (Debian policy 9.1.1; DEP 17), and dpkg's further multilib ones. */
const ALIASED: ReadonlySet<string> = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'libo32']);

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

/**
 * The links from `lib` to `usr/lib` and the like that a tree needs: Debian's base-files ships them since Debian 13, before
 * that whoever makes a tree does, beforehand.
 * @param has whether a path is there, without leading slash
 */
export const missingAliases = (has: (path: string) => boolean): string[] =>
  [...ALIASED].filter((name) => has(`usr/${name}`) && !has(name));
