import { AotError } from '@apt-ostree/errors';
import { FileObjects, type ListedEntry, listTree, readDirmeta, type Xattr } from '@apt-ostree/ostree';

/** The extended attribute by which files ask for a layer of their own; a directory asks for all that is in it. */
export const COMPONENT = 'user.component';

/** What is asked for: names of components by path in the commit. */
export type Components = ReadonlyMap<string, string>;

/**
 * Reads which files of a commit ask for a layer of their own.
 * @throws AotError `data` for a name that is none
 */
export async function readComponents(repo: string, commit: string): Promise<Components> {
  const entries = listTree(repo, commit);
  const own = await attributesOf(repo, entries);
  const components = new Map<string, string>();
  for (const entry of entries) {
    const component = own(entry) ?? components.get(entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/'))));
    if (component !== undefined) components.set(entry.path, component);
  }
  return components;
}

async function attributesOf(
  repo: string,
  entries: readonly ListedEntry[],
): Promise<(entry: ListedEntry) => string | undefined> {
  const objects = new FileObjects(repo);
  await objects.prepare(entries.flatMap((e) => (e.type === 'file' ? [e.object] : [])));
  return (entry) => {
    const { xattrs } = entry.type === 'file' ? objects.read(entry.object) : readDirmeta(repo, entry.meta);
    const value = componentOf(xattrs);
    return value === undefined ? undefined : checked(value, entry.path);
  };
}

const componentOf = (xattrs: readonly Xattr[]): string | undefined => {
  const found = xattrs.find(([name]) => name === COMPONENT);
  return found === undefined ? undefined : Buffer.from(found[1]).toString('utf8');
};

function checked(name: string, path: string): string {
  if (/^[\w.+:@~/-]{1,200}$/.test(name)) return name;
  throw new AotError('data', `cannot use the component of '/${path}': '${name.slice(0, 60)}' is no name of one`, {
    code: 'bad-component',
    hint: `the attribute '${COMPONENT}' holds letters, digits, and any of .+:@~/_-`,
  });
}
