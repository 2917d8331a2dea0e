import { TAR_END, type TarEntry, tarHeader, tarPadding } from '@apt-ostree/oci/layer';
import { encodeXattrs, type FileObject, type FileObjects, readObject } from '@apt-ostree/ostree';
import type { PlannedEntry, PlannedXattr } from './planned.ts';
import { inRepository } from './repository-paths.ts';

/** Writes the tar of a layer: reads objects as it comes to them. */
export async function* writeEntries(
  entries: readonly PlannedEntry[],
  objects: FileObjects,
  repo: string,
): AsyncGenerator<Uint8Array> {
  await objects.prepare(entries.flatMap((e) => ('object' in e && e.kind !== 'metadata' ? [e.object] : [])));
  for (const entry of entries) yield* writeEntry(entry, objects, repo);
  yield TAR_END;
}

async function* writeEntry(entry: PlannedEntry, objects: FileObjects, repo: string): AsyncGenerator<Uint8Array> {
  switch (entry.kind) {
    case 'directory':
      return yield tarHeader({ ...entry, type: 'directory', xattrs: inPlain(entry.xattrs.map(fromHex)) });
    case 'data':
      return yield* bytes({ ...entry, type: 'file' }, Buffer.from(entry.base64, 'base64'));
    case 'object':
      return yield* content(entry, objects.read(entry.object));
    case 'store':
      return yield* stored(entry.object, objects.read(entry.object));
    case 'name':
      return yield* named(entry, objects.read(entry.object));
    case 'metadata':
      return yield* bytes(
        { ...OWNED, path: inRepository(entry.object, entry.type), type: 'file' },
        readObject(repo, entry.object, entry.type),
      );
  }
}

const OWNED = { uid: 0, gid: 0, mode: 0o644 };

type Xattrs = NonNullable<TarEntry['xattrs']>;

/** What a policy gave a file on the build machine, and which layer the file was to be in: an image carries neither. */
const OF_THE_BUILD = ['security.selinux', 'user.component'];
const inPlain = (xattrs: Xattrs): Xattrs => xattrs.filter(([name]) => !OF_THE_BUILD.includes(name));

const fromHex = ([name, hex]: PlannedXattr) => [name, Buffer.from(hex, 'hex')] as const;

async function* content(entry: PlannedEntry & { kind: 'object' }, file: FileObject): AsyncGenerator<Uint8Array> {
  const { path, same } = entry;
  const { uid, gid, mode, size } = file;
  if (same !== undefined && file.target === undefined && size > 0)
    return yield tarHeader({ uid, gid, mode, path, type: 'hardlink', target: same });
  yield* whole(path, file);
}

/** Attributes come first: who reads the layer has them when the file comes. */
async function* stored(object: string, file: FileObject): AsyncGenerator<Uint8Array> {
  const attributes = file.xattrs.length === 0 ? new Uint8Array(0) : encodeXattrs(file.xattrs).bytes;
  yield* bytes({ ...OWNED, path: inRepository(object, 'file-xattrs-link'), type: 'file' }, attributes);
  yield* whole(inRepository(object, 'file'), file);
}

/** An empty file is a file of its own, as libostree has it in checkouts. */
async function* named(entry: PlannedEntry & { kind: 'name' }, file: FileObject): AsyncGenerator<Uint8Array> {
  const { path, object } = entry;
  if (file.target === undefined && file.size === 0) return yield* whole(path, file);
  const { uid, gid, mode } = file;
  yield tarHeader({ uid, gid, mode, path, type: 'hardlink', target: inRepository(object, 'file') });
}

async function* whole(path: string, file: FileObject): AsyncGenerator<Uint8Array> {
  const { uid, gid, mode, size, target } = file;
  const xattrs = inPlain(file.xattrs);
  if (target !== undefined) return yield tarHeader({ uid, gid, mode, path, xattrs, type: 'symlink', target });
  yield tarHeader({ uid, gid, mode, path, xattrs, type: 'file', size });
  yield* file.content();
  yield tarPadding(size);
}

async function* bytes(entry: Omit<TarEntry, 'size'>, data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield tarHeader({ ...entry, size: data.length });
  yield data;
  yield tarPadding(data.length);
}
