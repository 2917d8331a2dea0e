import type { TarHeader } from '../tar/header.ts';
import type { TarHandler } from '../tar/parser.ts';
import { mergedPath } from '../usr-merge.ts';
import { escapes, memberPath } from './member-path.ts';

export interface Owned {
  uid: number;
  gid: number;
  /** With the file type's bits. */
  mode: number;
}

/** A file, link or directory of a package, at its place in a tree with merged /usr. */
export type Entry = Owned & { path: string } & (
    | { type: 'directory' }
    /** `object` names the content in the store; hard links of a package have the same. */
    | { type: 'file'; object: string; size: number }
    | { type: 'symlink'; object: string; target: string }
  );

/** Where the contents of a package go. Names of objects are the store's own. */
export interface ObjectStore {
  content(metadata: Owned, size: number): { write(chunk: Uint8Array): void; finish(): string; abort(): void };
  symlink(metadata: Owned, target: string): string;
}

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/**
 * Takes the members of data.tar: checks each, stores its content, and lists it. Conffiles are listed as `NAME.dpkg-new`,
 * which is what dpkg has on disk between unpacking and configuring.
 */
export class Listing implements TarHandler {
  /** By path, in the order of the archive. */
  readonly #entries = new Map<string, Entry>();
  /** The original spelling of every member. */
  readonly #original: { files: string[]; links: string[] } = { files: [], links: [] };
  readonly #store: ObjectStore;
  readonly #conffiles: ReadonlySet<string>;
  readonly #limit: number;
  readonly #seen = new Set<string>();
  /** Every directory there is or must be, so that no link can take its place. */
  readonly #directories = new Set<string>(['']);
  #open: { entry: Owned & { path: string; size: number }; writer: ReturnType<ObjectStore['content']> } | undefined;

  /**
   * @param conffiles absolute paths, as the package spells them
   * @param limit bytes that no member may exceed
   */
  constructor(store: ObjectStore, conffiles: ReadonlySet<string>, limit: number) {
    this.#store = store;
    this.#conffiles = conffiles;
    this.#limit = limit;
  }

  /** All entries in the order in which dpkg makes them: symbolic links last. */
  get entries(): Entry[] {
    const all = [...this.#entries.values()];
    return [...all.filter((e) => e.type !== 'symlink'), ...all.filter((e) => e.type === 'symlink')];
  }

  /** Lines of the package's .list as dpkg writes it: absolute paths, symbolic links last. */
  get lines(): string[] {
    return [...this.#original.files, ...this.#original.links];
  }

  entry(header: TarHeader): void {
    const path = memberPath(header.path);
    if (this.#seen.has(path)) throw new Error(`its member '/${path}' is there twice`);
    this.#seen.add(path);
    this.#original[header.type === 'symlink' ? 'links' : 'files'].push(`/${path === '' ? '.' : path}`);
    this.#add(path, header);
  }

  data(chunk: Buffer): void {
    this.#open?.writer.write(chunk);
  }

  done(): void {
    if (this.#open === undefined) return;
    const { entry, writer } = this.#open;
    this.#open = undefined;
    this.#put({ ...entry, type: 'file', object: writer.finish() });
  }

  /** Forgets a member that was cut short. */
  abort(): void {
    this.#open?.writer.abort();
  }

  #add(path: string, header: TarHeader): void {
    const { type } = header;
    if (type === 'directory') this.#addDirectory(mergedPath(path), header);
    else if (type === 'file') this.#addFile(this.#place(path), header);
    else if (type === 'symlink') this.#addSymlink(this.#place(path, true), header);
    else if (type === 'hardlink') this.#addHardlink(this.#place(path), header);
    else throw new Error(`its member '/${path}' is a ${type}, which an OSTree commit cannot hold`);
  }

  /** Where a member that is no directory goes; its name must be free and its directories must be directories. */
  #place(path: string, isLink = false): string {
    if (path === '') throw new Error('it replaces the root directory');
    const place = this.#rename(path, isLink);
    if (this.#entries.has(place) || this.#directories.has(place))
      throw new Error(`it ships '/${place}' twice, once under another spelling`);
    this.#needDirectory(parent(place));
    return place;
  }

  #rename(path: string, isLink = false): string {
    const merged = mergedPath(path, isLink);
    return this.#conffiles.has(`/${path}`) ? `${merged}.dpkg-new` : merged;
  }

  #needDirectory(path: string): void {
    if (this.#directories.has(path)) return;
    const there = this.#entries.get(path);
    if (there) throw new Error(`it has a path through '/${path}', which it ships as a ${there.type}`);
    this.#directories.add(path);
    this.#needDirectory(parent(path));
  }

  #addDirectory(path: string, header: TarHeader): void {
    if (this.#entries.get(path)?.type === 'directory') return; // `./bin` and `./usr/bin`: the first decides
    this.#needDirectory(path);
    this.#put({ ...owned(header, S_IFDIR), path, type: 'directory' });
  }

  #addFile(path: string, header: TarHeader): void {
    if (header.size > this.#limit) throw new Error(`its member '/${path}' is too large`);
    const metadata = owned(header, S_IFREG);
    const writer = this.#store.content(metadata, header.size);
    this.#open = { entry: { ...metadata, path, size: header.size }, writer };
  }

  #addSymlink(path: string, header: TarHeader): void {
    const target = header.link;
    if (target === '') throw new Error(`its link '/${path}' leads nowhere`);
    if (escapes(path, target)) throw new Error(`its link '/${path}' leads out of the tree, to '${target}'`);
    const metadata = { ...owned(header, S_IFLNK), mode: S_IFLNK | 0o777 };
    this.#put({ ...metadata, path, type: 'symlink', target, object: this.#store.symlink(metadata, target) });
  }

  #addHardlink(path: string, header: TarHeader): void {
    const target = this.#entries.get(this.#rename(memberPath(header.link)));
    if (target?.type !== 'file')
      throw new Error(`its hard link '/${path}' has no target '${header.link}' among the files before it`);
    // dpkg would change the target; no tool makes such packages
    const { uid, gid, mode } = owned(header, S_IFREG);
    if (uid !== target.uid || gid !== target.gid || mode !== target.mode)
      throw new Error(`its hard link '/${path}' has another owner or mode than its target`);
    this.#put({ ...target, path });
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.path, entry);
  }
}

const owned = ({ uid, gid, mode }: TarHeader, kind: number): Owned => ({ uid, gid, mode: mode | kind });

const parent = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
