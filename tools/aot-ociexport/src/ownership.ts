import { mergedPath } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import { openTree } from '@apt-ostree/ostree';
import { type Installed, type InstalledSource, installed } from './installed.ts';

/** Where a commit has dpkg's database: /var is not part of what an update brings. */
export const DATABASE = 'usr/lib/sysimage/dpkg';
const DATABASES = [DATABASE, 'var/lib/dpkg'];

/** Which source package each path of an image is from. */
export interface Ownership extends Installed {
  owner(path: string): string | undefined;
}

/**
 * Reads dpkg's database of a commit.
 * @throws AotError `data` for a commit without one
 */
export function readOwnership(repo: string, commit: string): Ownership {
  const tree = openTree(repo, commit);
  const text = (path: string) => {
    const bytes = tree.read(path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  };
  const database = DATABASES.find((directory) => tree.read(`${directory}/status`) !== undefined);
  if (database === undefined) {
    throw new AotError('data', `cannot make an image of '${commit}': it has no dpkg database`, {
      hint: `commits of aot-commit have one in /${DATABASE}`,
    });
  }
  const packages = installed(text(`${database}/status`) ?? '');
  const diverted = diversions(text(`${database}/diversions`) ?? '');
  const owners = new Map<string, string>();
  for (const source of packages.sources)
    for (const path of listed(source, (binary) => text(`${database}/info/${binary}.list`) ?? '', diverted))
      if (!owners.has(path)) owners.set(path, source.name);
  return { ...packages, owner: (path) => owners.get(path) ?? owners.get(moduleOf(path) ?? '') };
}

function* listed(
  source: InstalledSource,
  list: (binary: string) => string,
  diverted: (path: string, binary: string) => string,
): Generator<string> {
  for (const binary of source.binaries) {
    const name = binary.replace(/:.*$/, '');
    for (const line of list(binary).split('\n'))
      if (line.length > 1) yield mergedPath(diverted(line, name).replace(/^\/+/, ''), false);
  }
}

/** dpkg's diversions: three lines each, the path, where it goes, and the package that keeps the path (`:` for none). */
function diversions(text: string): (path: string, binary: string) => string {
  const lines = text.split('\n');
  const rows = new Map<string, { to: string; by: string }>();
  for (let i = 0; i + 2 < lines.length; i += 3)
    rows.set(lines[i] as string, { to: lines[i + 1] as string, by: lines[i + 2] as string });
  return (path, binary) => {
    const row = rows.get(path);
    return row === undefined || row.by === binary ? path : row.to;
  };
}

/** Byte code is made from a module, and goes where that goes. */
function moduleOf(path: string): string | undefined {
  const [, directory, name] = /^(.*)\/__pycache__\/([^/]+?)\.[^./]+(?:\.opt-\d)?\.pyc$/.exec(path) ?? [];
  return directory === undefined ? undefined : `${directory}/${name}.py`;
}
