import { memberPath, type TarHandler, type TarHeader } from '@apt-ostree/dpkg/tar';
import type { Allowance } from '@apt-ostree/oci';
import {
  type BareRepo,
  type ContentWriter,
  checksum,
  type Metadata,
  readGvariant,
  type Xattr,
} from '@apt-ostree/ostree';

const OBJECT = /^sysroot\/ostree\/repo\/objects\/([0-9a-f]{2})\/([0-9a-f]{62})\.([a-z-]+)$/;

const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/** libostree's own limit for metadata is larger by far than any real object. */
const LARGEST_METADATA = 64 * 1024 * 1024;
const LARGEST_XATTRS = 1024 * 1024;
/** Attributes whose file has not come yet, all together. */
const MOST_WAITING = 64 * 1024 * 1024;

type Open =
  | { kind: 'file'; object: string; writer: ContentWriter }
  | { kind: 'bytes'; object: string; type: string; chunks: Buffer[] };

/**
 * Takes the OSTree objects out of a layer of an encapsulated image (ostree native container, version 1): metadata as it
 * is, files with owner and mode from the archive and attributes from the member before. Every object is what its name
 * says, or it is an error. The visible files of the layer are links to those objects, and say nothing more.
 */
export class ObjectReader implements TarHandler {
  /** Commits in the layer. */
  readonly commits: string[] = [];
  /** File objects in the layer. */
  readonly files: string[] = [];
  readonly #repo: BareRepo;
  readonly #allowance: Allowance;
  /** Attributes by the file object they belong to, and by their own checksum. */
  readonly #xattrs = new Map<string, Buffer>();
  #waiting = 0;
  #open: Open | undefined;

  constructor(repo: BareRepo, allowance: Allowance) {
    this.#repo = repo;
    this.#allowance = allowance;
  }

  entry(header: TarHeader): void {
    this.#allowance.takeEntries(1);
    const path = memberPath(header.path);
    const [, first, rest, type] = OBJECT.exec(path) ?? [];
    if (first === undefined || rest === undefined || type === undefined || header.type === 'directory') return;
    this.#object(first + rest, type, header);
  }

  data(chunk: Buffer): void {
    if (this.#open?.kind === 'file') this.#open.writer.write(chunk);
    else this.#open?.chunks.push(chunk);
  }

  done(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open?.kind === 'file') this.#finished(open.object, open.writer.finish());
    else if (open !== undefined) this.#bytes(open.object, open.type, Buffer.concat(open.chunks));
  }

  abort(): void {
    if (this.#open?.kind === 'file') this.#open.writer.abort();
  }

  #object(object: string, type: string, header: TarHeader): void {
    if (type === 'file') this.#file(object, header);
    else if (header.type === 'hardlink' && type === 'file-xattrs-link') this.#linkXattrs(object, header.link);
    else if (header.type !== 'file') throw new Error(`its object '${object}.${type}' is a ${header.type}`);
    else {
      const limit = type.startsWith('file-xattrs') ? LARGEST_XATTRS : LARGEST_METADATA;
      if (header.size > limit) throw new Error(`its object '${object}.${type}' is too large`);
      this.#open = { kind: 'bytes', object, type, chunks: [] };
    }
  }

  #file(object: string, { type, uid, gid, mode, size, link }: TarHeader): void {
    const xattrs = this.#takeXattrs(object);
    const metadata = (kind: number): Metadata => ({ uid, gid, mode: mode | kind, ...(xattrs ? { xattrs } : {}) });
    if (type === 'symlink') {
      const made = this.#repo.symlink({ ...metadata(S_IFLNK), mode: S_IFLNK | 0o777 }, link);
      this.#finished(object, made);
    } else if (type === 'file')
      this.#open = { kind: 'file', object, writer: this.#repo.content(metadata(S_IFREG), size) };
    else throw new Error(`its object '${object}.file' is a ${type}`);
  }

  #finished(object: string, made: string): void {
    if (made !== object) throw new Error(`its object '${object}.file' is damaged`);
    this.files.push(object);
  }

  #bytes(object: string, type: string, bytes: Buffer): void {
    switch (type) {
      case 'file-xattrs-link':
      case 'file-xattrs':
        if (type === 'file-xattrs' && checksum(bytes) !== object) throw damaged(object, type);
        this.#keepXattrs(object, bytes);
        return;
      case 'commitmeta':
        this.#repo.detached(object, bytes);
        return;
      case 'commit':
      case 'dirtree':
      case 'dirmeta':
        if (checksum(bytes) !== object) throw damaged(object, type);
        this.#repo.metadataObject(bytes, type);
        if (type === 'commit') this.commits.push(object);
        return;
      default:
        throw new Error(`its object '${object}.${type}' is of a kind that is not known`);
    }
  }

  #keepXattrs(key: string, bytes: Buffer): void {
    this.#waiting += bytes.length;
    if (this.#waiting > MOST_WAITING) throw new Error('its extended attributes are too large');
    this.#xattrs.set(key, bytes);
  }

  #linkXattrs(object: string, target: string): void {
    const [, first, rest] = OBJECT.exec(memberPath(target)) ?? [];
    const bytes = first === undefined || rest === undefined ? undefined : this.#xattrs.get(first + rest);
    if (bytes === undefined) throw new Error(`its object '${object}.file-xattrs-link' leads nowhere`);
    this.#xattrs.set(object, bytes);
  }

  #takeXattrs(object: string): Xattr[] | undefined {
    const bytes = this.#xattrs.get(object);
    if (bytes === undefined) throw new Error(`its object '${object}.file' comes without its extended attributes`);
    this.#xattrs.delete(object);
    this.#waiting -= bytes.length;
    const pairs = readGvariant('a(ayay)', bytes) as [Uint8Array, Uint8Array][];
    if (pairs.length === 0) return undefined;
    return pairs.map(([name, value]) => [Buffer.from(name.subarray(0, -1)).toString(), value]);
  }
}

const damaged = (object: string, type: string): Error => new Error(`its object '${object}.${type}' is damaged`);
