import { existsSync, readFileSync } from 'node:fs';
import { byteOrder, type CommitInfo, objectPath } from '@apt-ostree/ostree';
import type { MadeLayer } from './make-layers.ts';
import {
  byObject,
  byPackage,
  type DirectoryEntry,
  directories,
  type LayerBuilder,
  onceEach,
  type Planning,
  planLayers,
} from './plan.ts';
import { dataEntry, directoryEntry, type PlannedEntry, type PlannedLayer } from './planned.ts';
import { inRepository, REPOSITORY } from './repository-paths.ts';

/**
 * The format of ostree-rs-ext's native containers, version 1 with explicit parents: every layer has the skeleton of a
 * repository of mode bare-split-xattrs, the first one all metadata, and the others file objects, to which the names in the
 * tree are hardlinks.
 */
export function encapsulatedLayers(planning: Planning, commit: CommitInfo): PlannedLayer[] {
  const place = byObject(byPackage(planning.ownership, planning.grouping));
  return [metadataLayer(planning, commit), ...planLayers(planning, place, chunkLayer)];
}

/** By these an importer knows the format, and where the commit's layers end. */
export const encapsulatedLabels = (commit: CommitInfo, layers: readonly MadeLayer[]): Record<string, string> => ({
  'ostree.commit': commit.checksum,
  'ostree.final-diffid': layers.at(-1)?.written.diffId ?? '',
});

function metadataLayer({ repo, tree }: Planning, commit: CommitInfo): PlannedLayer {
  const entries: PlannedEntry[] = [];
  const directory = directories(repo);
  const [root] = tree.entries;
  if (root?.type !== 'directory') throw new Error('a tree without a root');
  const known = onceEach(entries);
  known([directory('', root.meta), ...SKELETON]);
  entries.push(CONFIGURATION, { kind: 'metadata', object: commit.checksum, type: 'commit' }, ...detached(repo, commit));
  const add = onceObject(entries);
  for (const entry of tree.entries) {
    if (entry.type !== 'directory') continue;
    add('dirmeta', entry.meta);
    known([directory(entry.path, entry.meta)]);
    add('dirtree', entry.tree);
  }
  if (tree.entries.some((e) => e.path === 'var')) known([directoryEntry('var/tmp', 0o1777)]);
  const title = commit.subject === '' ? `ostree export of commit ${commit.checksum}` : commit.subject;
  return { id: METADATA, packages: [], title, entries, weight: 0 };
}

const METADATA = 'commit';

const HEX = '0123456789abcdef';
const OBJECTS = [...HEX].flatMap((a) => [...HEX].map((b) => `objects/${a}${b}`));

/** Directories of a repository, with those that lead to it. */
const SKELETON: readonly DirectoryEntry[] = [
  ...['sysroot', 'sysroot/ostree', REPOSITORY],
  ...['objects', ...OBJECTS, 'extensions', 'refs', 'refs/heads', 'refs/mirrors', 'refs/remotes', 'state']
    .concat('tmp', 'tmp/cache')
    .map((path) => `${REPOSITORY}/${path}`),
].map((path) => directoryEntry(path));

const CONFIGURATION = dataEntry(
  `${REPOSITORY}/config`,
  Buffer.from('[core]\nrepo_version=1\nmode=bare-split-xattrs\n'),
);

/** Signatures: not covered by the commit's checksum, so their bytes are part of the plan. */
function detached(repo: string, { checksum }: CommitInfo): PlannedEntry[] {
  const file = objectPath(repo, checksum, 'commitmeta');
  return existsSync(file) ? [dataEntry(inRepository(checksum, 'commitmeta'), readFileSync(file))] : [];
}

/** An object twice is an error for importers. */
function onceObject(entries: PlannedEntry[]): (type: 'dirtree' | 'dirmeta', object: string) => void {
  const known = new Set<string>();
  return (type, object) => {
    if (known.has(`${object}.${type}`)) return;
    known.add(`${object}.${type}`);
    entries.push({ kind: 'metadata', object, type });
  };
}

/** A layer of objects with their names, ordered by checksum. */
function chunkLayer(): LayerBuilder {
  const directories: PlannedEntry[] = [];
  const add = onceEach(directories);
  const names = new Map<string, string[]>();
  return {
    directories(path) {
      const [root, ...rest] = path;
      if (root !== undefined) add([root, ...SKELETON, ...rest]);
    },
    file(path, object) {
      names.set(object, [...(names.get(object) ?? []), path]);
    },
    finish() {
      if (names.size === 0) return [];
      const objects = [...names].sort(([a], [b]) => byteOrder(a, b));
      return [...directories, CONFIGURATION, ...objects.flatMap(([object, paths]) => withNames(object, paths))];
    },
  };
}

const withNames = (object: string, paths: readonly string[]): PlannedEntry[] => [
  { kind: 'store', object },
  ...paths.map((path) => ({ kind: 'name', path, object }) as const),
];
