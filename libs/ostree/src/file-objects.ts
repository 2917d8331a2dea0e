import {
  closeSync,
  createReadStream,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { AotError, explain } from '@apt-ostree/errors';
import { CHUNK, fileChunks } from './file-chunks.ts';
import { getXattrs } from './get-xattrs.ts';
import { damagedObject, type RawXattrs, readXattrs } from './list-tree.ts';
import { fileHash, type Metadata, type Xattr } from './objects.ts';
import { readGvariant } from './read-gvariant.ts';
import { objectPath } from './read-object.ts';
import { repositoryMode } from './repository-setting.ts';

/** A regular file or symbolic link of a repository. */
export interface FileObject extends Metadata {
  xattrs: Xattr[];
  /** Of a symbolic link. */
  target: string | undefined;
  /** Bytes of the content. */
  size: number;
  /** The content, from first to last, each piece good until the next is asked for; ends with an AotError `data` where it is not what the object's name says. */
  content(): AsyncIterable<Uint8Array>;
}

/** Reads file objects of a repository of any mode, with owner, mode and extended attributes as the commit has them. */
export class FileObjects {
  readonly #repo: string;
  readonly #read: (object: string) => Stored;
  readonly #prepare: (objects: readonly string[]) => Promise<void>;

  /** @throws AotError `data` for a mode that is not known */
  constructor(repo: string) {
    this.#repo = repo;
    const { read, prepare = async () => {} } = reader(repo, repositoryMode(repo));
    this.#read = read;
    this.#prepare = prepare;
  }

  /** Says which objects will be read: extended attributes come from one call for many. */
  prepare(objects: readonly string[]): Promise<void> {
    return this.#prepare(objects);
  }

  read(object: string): FileObject {
    const stored = this.#stored(object);
    const { chunks, ...known } = stored;
    const repo = this.#repo;
    if (known.target !== undefined && fileHash(known, known.target).digest('hex') !== object)
      throw damagedObject(repo, object);
    return { ...known, content: () => checked(chunks(), fileHash(known), known.size, object, repo) };
  }

  #stored(object: string): Stored {
    try {
      return this.#read(object);
    } catch (error) {
      throw explain(error, `cannot read the object '${object}' in '${this.#repo}'`);
    }
  }
}

type Stored = Omit<FileObject, 'content'> & { chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array> };

interface Reader {
  read(object: string): Stored;
  prepare?(objects: readonly string[]): Promise<void>;
}

function reader(repo: string, mode: string): Reader {
  switch (mode) {
    case 'archive':
    case 'archive-z2':
      return { read: (object) => readArchived(repo, object) };
    case 'bare':
      return withAttributes(repo, readBare);
    case 'bare-user':
      return withAttributes(repo, readBareUser);
    case 'bare-user-only':
      return { read: (object) => readBare(repo, object, []) };
    case 'bare-split-xattrs':
      return { read: (object) => readBare(repo, object, splitXattrs(repo, object)) };
    default:
      throw new AotError('data', `cannot read the repository '${repo}': its mode '${mode}' is not known`);
  }
}

async function* checked(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash: ReturnType<typeof fileHash>,
  size: number,
  object: string,
  repo: string,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      length += chunk.length;
      if (length > size) throw damagedObject(repo, object);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? damagedObject(repo, object) : explain(error, `cannot read the object '${object}'`);
  }
  if (length !== size || hash.digest('hex') !== object) throw damagedObject(repo, object);
}

const isZlibError = (error: unknown): boolean =>
  /^(Z_|ERR_BUFFER_TOO_LARGE)/.test((error as NodeJS.ErrnoException | undefined)?.code ?? '');

// ---- bare: as the file system has it

function readBare(repo: string, object: string, xattrs: Xattr[]): Stored {
  const path = objectPath(repo, object, 'file');
  const stat = lstatSync(path);
  const { uid, gid, mode } = stat;
  const target = stat.isSymbolicLink() ? readlinkSync(path) : undefined;
  const size = target === undefined ? stat.size : 0;
  return { uid, gid, mode, xattrs, target, size, chunks: () => fileChunks(path) };
}

// ---- bare-user: owner, mode and attributes in user.ostreemeta; links are files with their target

const META = 'user.ostreemeta';
const LINK = 0o120000;

function readBareUser(repo: string, object: string, attributes: Xattr[]): Stored {
  const path = objectPath(repo, object, 'file');
  const meta = attributes.find(([name]) => name === META)?.[1];
  if (meta === undefined) throw damagedObject(repo, object);
  const [uid, gid, mode] = [0, 4, 8].map((at) => Buffer.from(meta).readUInt32BE(at)) as [number, number, number];
  const xattrs = readXattrs((readGvariant('(uuua(ayay))', meta) as [number, number, number, RawXattrs])[3]);
  const target = (mode & 0o170000) === LINK ? readFileSync(path, 'utf8').replace(/\0$/, '') : undefined;
  const size = target === undefined ? lstatSync(path).size : 0;
  return { uid, gid, mode, xattrs, target, size, chunks: () => fileChunks(path) };
}

function withAttributes(repo: string, read: (repo: string, object: string, xattrs: Xattr[]) => Stored): Reader {
  let known = new Map<string, Xattr[]>();
  return {
    read: (object) => read(repo, object, known.get(objectPath(repo, object, 'file')) ?? []),
    async prepare(objects) {
      known = await getXattrs([...new Set(objects)].map((object) => objectPath(repo, object, 'file')));
    },
  };
}

// ---- bare-split-xattrs: attributes in an object beside

const splitXattrs = (repo: string, object: string): Xattr[] =>
  readXattrs(
    readGvariant('a(ayay)', readFileSync(objectPath(repo, object, 'file-xattrs-link'))) as unknown as RawXattrs,
  );

// ---- archive: a header with everything, and the content, deflated

/** Above this the content is inflated as it is read. */
const SMALL = 1024 * 1024;
const LENGTHS = 8;

function readArchived(repo: string, object: string): Stored {
  const path = objectPath(repo, object, 'filez');
  const fd = openSync(path, 'r');
  try {
    const stored = fstatSync(fd).size;
    const first = Buffer.alloc(Math.min(stored, SMALL));
    readSync(fd, first);
    const length = first.length < LENGTHS ? 0 : first.readUInt32BE(0);
    if (length === 0 || LENGTHS + length > first.length) throw damagedObject(repo, object);
    const header = first.subarray(LENGTHS, LENGTHS + length);
    const members = readGvariant('(tuuuusa(ayay))', header) as unknown[];
    const [target, raw] = members.slice(5) as [string, RawXattrs];
    const [uid, gid, mode] = [8, 12, 16].map((at) => header.readUInt32BE(at)) as [number, number, number];
    const size = Number(header.readBigUInt64BE(0));
    const start = LENGTHS + length;
    const chunks = () =>
      whole(size, stored) ? inflateAtOnce(first.subarray(start), size) : inflatePieces(path, start);
    return { uid, gid, mode, xattrs: readXattrs(raw), target: target === '' ? undefined : target, size, chunks };
  } finally {
    closeSync(fd);
  }
}

/** A small file of much content is inflated piece by piece too. */
const whole = (size: number, deflated: number): boolean => size <= 8 * SMALL && deflated <= SMALL;

function* inflateAtOnce(deflated: Uint8Array, size: number): Generator<Uint8Array> {
  yield inflateRawSync(deflated, { maxOutputLength: size + 1 });
}

function inflatePieces(path: string, start: number): AsyncIterable<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: CHUNK });
  const file = createReadStream(path, { start, highWaterMark: CHUNK });
  file.on('error', (error) => inflate.destroy(error));
  return file.pipe(inflate);
}
