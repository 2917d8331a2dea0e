import { readDirmeta } from '@apt-ostree/ostree';
import { componentOf, type Grouping, INITRAMFS, PACKAGE_DATABASE, UNPACKAGED } from './groups.ts';
import type { Ownership } from './ownership.ts';
import type { PlannedEntry, PlannedLayer } from './planned.ts';
import { type ImageTree, isBelow } from './tree.ts';

/** State of packages that lives with the dpkg database, below one directory. */
const STATE = 'usr/lib/sysimage';
const INITRAMFS_IMAGE = /^usr\/lib\/modules\/[^/]+\/initramfs(\.img)?$/;
const KERNEL_IMAGE = /^usr\/lib\/modules\/[^/]+\/vmlinuz$/;

/** Which layer a path goes to; of a file or link also by its object. */
export type Placement = (path: string, object?: string) => string;

/** A path goes where its package goes, unless it is to be elsewhere. */
export const byPackage =
  (ownership: Ownership, grouping: Grouping): Placement =>
  (path) => {
    const component = grouping.component(path);
    if (component !== undefined) return component;
    if (isBelow(path, STATE)) return PACKAGE_DATABASE;
    if (INITRAMFS_IMAGE.test(path)) return INITRAMFS;
    const source = ownership.owner(path);
    return source === undefined ? UNPACKAGED : grouping.of(source);
  };

/** An object is in one layer only, with all its names. */
export function byObject(place: Placement): Placement {
  const homes = new Map<string, string>();
  return (path, object) => {
    if (object === undefined) return place(path);
    const home = homes.get(object) ?? place(path);
    homes.set(object, home);
    return home;
  };
}

/** The source packages that ship a kernel which boots. */
export const kernelsOf = (tree: ImageTree, ownership: Ownership): Set<string> =>
  new Set(
    tree.entries
      .filter((e) => KERNEL_IMAGE.test(e.path))
      .flatMap((e) => ownership.owner(e.path) ?? ownership.owner(bootPath(e.path)) ?? []),
  );

/** Where the package has it: a commit has it beside the modules. */
const bootPath = (path: string): string => `boot/vmlinuz-${path.split('/')[3]}`;

/** What is divided, and among what. */
export interface Planning {
  repo: string;
  tree: ImageTree;
  ownership: Ownership;
  grouping: Grouping;
}

/** Divides a tree among its layers; each has every directory that leads to what is in it. */
export function planLayers(
  { repo, tree, ownership, grouping }: Planning,
  place: Placement,
  builder: () => LayerBuilder,
): PlannedLayer[] {
  const layers = new Map(grouping.order.map((id) => [id, builder()]));
  const directory = directories(repo);
  let leading: PlannedEntry[] = [];
  tree.entries.forEach((entry, i) => {
    const depth = entry.path === '' ? 0 : entry.path.split('/').length;
    leading = leading.slice(0, depth);
    if (entry.type === 'directory') leading.push(directory(entry.path, entry.meta));
    const next = tree.entries[i + 1]?.path ?? '';
    if (entry.type === 'directory' && entry.path !== '' && next.startsWith(`${entry.path}/`)) return;
    const object = entry.type === 'file' ? entry.object : undefined;
    const layer = layers.get(place(entry.path, object)) as LayerBuilder;
    layer.directories(leading as DirectoryEntry[]);
    if (object !== undefined) layer.file(entry.path, object);
  });
  const members = membersOf(ownership, grouping);
  return grouping.order.flatMap((id) => {
    const entries = (layers.get(id) as LayerBuilder).finish();
    const packages = members.get(id) ?? [];
    const weight = packages.length === 0 ? entries.length * MEGABYTE : sizeOf(packages, ownership);
    return entries.length === 0 ? [] : [{ id, packages, title: title(id, packages), entries, weight }];
  });
}

/** In kibibytes, as packages say it; what no package tells the size of is taken for long. */
const MEGABYTE = 1024;

const sizeOf = (packages: readonly string[], { sources }: Ownership): number =>
  sources.filter((s) => packages.includes(s.name)).reduce((sum, s) => sum + s.installedSize, 0);

export type DirectoryEntry = PlannedEntry & { kind: 'directory' };

/** Collects the entries of one layer. */
export interface LayerBuilder {
  /** Directories from the root on, those that were given before among them. */
  directories(path: readonly DirectoryEntry[]): void;
  file(path: string, object: string): void;
  finish(): PlannedEntry[];
}

/** The layers of a root file system. */
export const plainLayers = (planning: Planning): PlannedLayer[] =>
  planLayers(planning, byPackage(planning.ownership, planning.grouping), plainLayer);

function plainLayer(): LayerBuilder {
  const entries: PlannedEntry[] = [];
  const add = onceEach(entries);
  const first = new Map<string, string>();
  return {
    directories: add,
    file(path, object) {
      const same = first.get(object);
      entries.push({ kind: 'object', path, object, ...(same === undefined ? {} : { same }) });
      if (same === undefined && isShared(path)) first.set(object, path);
    },
    finish: () => entries,
  };
}

/** Files that nobody edits may be one; two files of /etc that are alike today may differ tomorrow. */
const isShared = (path: string): boolean => isBelow(path, 'usr');

/** Adds directories that are not there yet. */
export function onceEach(entries: PlannedEntry[]): LayerBuilder['directories'] {
  const known = new Set<string>();
  return (path) => {
    for (const directory of path) {
      if (known.has(directory.path)) continue;
      known.add(directory.path);
      entries.push(directory);
    }
  };
}

/** Directories differ in few ways: each dirmeta is read once. */
export function directories(repo: string): (path: string, meta: string) => DirectoryEntry {
  const known = new Map<string, Omit<DirectoryEntry, 'path'>>();
  return (path, meta) => {
    let directory = known.get(meta);
    if (directory === undefined) {
      const { uid, gid, mode, xattrs } = readDirmeta(repo, meta);
      const hex = xattrs.map(([name, value]) => [name, Buffer.from(value).toString('hex')] as const);
      directory = { kind: 'directory', uid, gid, mode: mode & 0o7777, xattrs: hex };
      known.set(meta, directory);
    }
    return { ...directory, path };
  };
}

function membersOf({ sources }: Ownership, grouping: Grouping): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const { name } of sources) {
    const group = grouping.of(name);
    members.set(group, [...(members.get(group) ?? []), name]);
  }
  return members;
}

const TITLES: Record<string, string> = {
  [UNPACKAGED]: 'files of no package',
  [INITRAMFS]: 'initramfs',
  [PACKAGE_DATABASE]: 'package database',
};

function title(id: string, packages: readonly string[]): string {
  const other = TITLES[id] ?? componentOf(id);
  if (other !== undefined) return other;
  return packages.length <= 5 ? packages.join(' and ') : `${packages.length} packages`;
}
