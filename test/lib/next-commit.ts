import { readFileSync, writeFileSync } from 'node:fs';
import {
  type BareRepo,
  byteOrder,
  type CommittedPackage,
  checksum,
  type DirtreeContent,
  decodeCommit,
  decodeDirtree,
  encodeFileSizes,
  FILE_SIZES,
  gvariant,
  openBareRepo,
} from '@apt-ostree/ostree';

/** What a further commit has that the one before has not. */
export interface Change {
  /** Content by path, as in `usr/etc/motd`; null removes. Directories that are missing are made. */
  files?: Record<string, string | { text: string; mode: number } | { link: string } | null>;
  packages?: (before: CommittedPackage[]) => CommittedPackage[];
  version?: string;
  /** Further strings and booleans. */
  metadata?: Record<string, string | boolean>;
  /** Seconds since the epoch; an hour after the parent by default. */
  timestamp?: number;
}

/**
 * Commits a change of a ref's tree without touching the rest of it: only the directories on the way to each path are
 * written again, which takes milliseconds where a commit of the whole tree takes many seconds.
 * @returns the new commit; the ref names it
 */
export async function commitChange(path: string, ref: string, change: Change): Promise<string> {
  const repo = await openBareRepo(path);
  const parent = repo.resolve(ref);
  if (parent === undefined) throw new Error(`no ref '${ref}' in ${path}`);
  const before = decodeCommit(readFileSync(repo.objectPath(parent, 'commit')));
  let tree = before.tree;
  const sizes = new Map<string, number>();
  for (const [file, content] of Object.entries(change.files ?? {})) {
    tree = put(repo, tree, file.split('/'), content, sizes);
  }
  const object = encode({
    metadata: metadata(before.metadata, change, sizes),
    parent,
    timestamp: change.timestamp ?? before.timestamp + 3600,
    tree,
    meta: before.meta,
  });
  const name = checksum(object);
  const temporary = repo.temporary();
  writeFileSync(temporary, object);
  repo.publish(temporary, repo.objectPath(name, 'commit'));
  repo.setRef(ref, name);
  return name;
}

type Content = NonNullable<Change['files']>[string];

/** @returns the dirtree with that change below it */
function put(
  repo: BareRepo,
  tree: string | undefined,
  path: string[],
  content: Content,
  sizes: Map<string, number>,
): string {
  const { files, dirs } = tree === undefined ? { files: new Map(), dirs: new Map() } : read(repo, tree);
  const [name = '', ...rest] = path;
  const changed = { files: new Map<string, string>(files), dirs: new Map(dirs) };
  if (rest.length > 0) {
    const there = dirs.get(name);
    const meta = there?.meta ?? repo.dirmeta({ uid: 0, gid: 0, mode: 0o40755 });
    changed.dirs.set(name, { tree: put(repo, there?.tree, rest, content, sizes), meta });
  } else {
    changed.files.delete(name);
    changed.dirs.delete(name);
    if (content !== null) changed.files.set(name, write(repo, content, sizes));
  }
  return repo.dirtree(changed);
}

const read = (repo: BareRepo, tree: string): DirtreeContent =>
  decodeDirtree(readFileSync(repo.objectPath(tree, 'dirtree')));

function write(repo: BareRepo, content: NonNullable<Content>, sizes: Map<string, number>): string {
  if (typeof content === 'object' && 'link' in content) {
    return repo.symlink({ uid: 0, gid: 0, mode: 0o120777 }, content.link);
  }
  const { text, mode } = typeof content === 'string' ? { text: content, mode: 0o644 } : content;
  const bytes = Buffer.from(text);
  const writer = repo.content({ uid: 0, gid: 0, mode: 0o100000 | mode }, bytes.length);
  writer.write(bytes);
  const object = writer.finish();
  sizes.set(object, bytes.length);
  return object;
}

/** Of the sizes only those of new files are new. */
function metadata(before: Record<string, unknown>, change: Change, sizes: Map<string, number>): gvariant.Value {
  const allSizes = Buffer.concat([
    (before[FILE_SIZES] as Uint8Array | undefined) ?? Buffer.alloc(0),
    encodeFileSizes(sizes),
  ]);
  const packages = before['aptostree.packages'] as string[][];
  const now = change.packages?.(packages.map(asPackage)).map(asRow) ?? packages;
  const version = change.version === undefined ? {} : { version: change.version };
  const simple = Object.entries({ ...before, ...version, ...change.metadata }).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'boolean' ? [[key, simpleVariant(value)] as const] : [],
  );
  const rows = now.map((row) => gvariant.tuple(row.map(gvariant.string)));
  const all = [
    ...simple,
    ['aptostree.packages', variant('a(sssss)', gvariant.array(rows))] as const,
    [FILE_SIZES, variant('ay', gvariant.bytes(allSizes))] as const,
  ];
  all.sort(([a], [b]) => byteOrder(a, b));
  return gvariant.array(
    all.map(([key, value]) => gvariant.tuple([gvariant.string(key), value])),
    8,
  );
}

const asPackage = ([name = '', version = '', architecture = '', sourcePackage = '', sourceVersion = '']: string[]) =>
  ({ name, version, architecture, sourcePackage, sourceVersion }) satisfies CommittedPackage;
const asRow = (p: CommittedPackage) => [p.name, p.version, p.architecture, p.sourcePackage, p.sourceVersion];

const simpleVariant = (value: string | boolean) =>
  typeof value === 'string'
    ? variant('s', gvariant.string(value))
    : variant('b', { bytes: new Uint8Array([value ? 1 : 0]), align: 1, fixed: true });

/** `v`: the value, a zero, its type. */
const variant = (type: string, { bytes }: gvariant.Value): gvariant.Value => ({
  bytes: Buffer.concat([bytes, Buffer.from(`\0${type}`)]),
  align: 8,
  fixed: false,
});

interface Commit {
  metadata: gvariant.Value;
  parent: string;
  timestamp: number;
  tree: string;
  meta: string;
}

const raw = (hex: string) => gvariant.bytes(Buffer.from(hex, 'hex'));

const encode = (c: Commit): Uint8Array =>
  gvariant.tuple([
    c.metadata,
    raw(c.parent),
    gvariant.array([]),
    gvariant.string('a further commit'),
    gvariant.string(''),
    gvariant.u64(c.timestamp),
    raw(c.tree),
    raw(c.meta),
  ]).bytes;
