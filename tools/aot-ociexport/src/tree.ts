import { AotError } from '@apt-ostree/errors';
import { byteOrder, type ListedEntry, listTree } from '@apt-ostree/ostree';

/** A commit's tree as an image has it: the configuration in /etc. */
export interface ImageTree {
  /** By path in the image, parents before children. */
  entries: readonly ListedEntry[];
  /** Paths in the image of files and links; undefined for what is not there, or is a directory. */
  object(path: string): string | undefined;
}

/**
 * Lists a commit's tree under the names of an image: /usr/etc, from which deployments make their /etc, is /etc there.
 * @throws AotError `data` for a commit that has both
 */
export function imageTree(repo: string, commit: string): ImageTree {
  const listed = listTree(repo, commit);
  const moved = listed.some((e) => isBelow(e.path, USR_ETC));
  const entries = moved ? withEtc(listed, commit) : listed;
  const objects = new Map(entries.flatMap((e) => (e.type === 'file' ? [[e.path, e.object] as const] : [])));
  return { entries, object: (path) => objects.get(path) };
}

const ETC = 'etc';
const USR_ETC = 'usr/etc';

export const isBelow = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(`${directory}/`);

/** In the order of the rest: by name, with what is in a directory right behind it. An empty /etc is some trees' mount point. */
function withEtc(listed: readonly ListedEntry[], commit: string): ListedEntry[] {
  if (listed.some((e) => e.path.startsWith(`${ETC}/`))) {
    throw new AotError('data', `cannot make an image of '${commit}': it has both '/etc' and '/usr/etc'`, {
      hint: 'a commit has its configuration in /usr/etc; see ostree(1)',
    });
  }
  const isEtc = (e: ListedEntry) => isBelow(e.path, USR_ETC);
  const rest = listed.filter((e) => !isEtc(e) && e.path !== ETC);
  const etc = listed.filter(isEtc).map((e) => ({ ...e, path: e.path.slice('usr/'.length) }));
  const at = rest.findIndex((e) => byteOrder(e.path.split('/', 1)[0] as string, ETC) > 0);
  return at < 0 ? [...rest, ...etc] : [...rest.slice(0, at), ...etc, ...rest.slice(at)];
}
