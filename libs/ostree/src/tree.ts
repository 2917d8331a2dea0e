import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { followLinks } from './follow-links.ts';

export interface Owner {
  mode?: number;
  uid?: number;
  gid?: number;
}

/** One entry below a walked directory; `path` has no leading slash. */
export interface Entry {
  path: string;
  stat: Stats;
}

/**
 * A tree that is edited while its files are hardlinks into a repository: nothing is ever written in place, a file is
 * replaced by a new one. Paths are relative to the root and never leave it: links in a path are followed as a chroot
 * would, the last component is not followed.
 */
export class Tree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Where `path` is on the host: its parents resolved within the root. */
  at(path: string): string {
    return join(this.root, this.#resolve(path, false));
  }

  /** The path with the links among its parents followed, so that one file has one name. */
  canonical(path: string): string {
    return this.#resolve(path, false);
  }

  /** The same with the last one followed too. */
  followed(path: string): string {
    return this.#resolve(path, true);
  }

  lstat(path: string): Stats | undefined {
    return lstatSync(this.at(path), { throwIfNoEntry: false });
  }

  exists(path: string): boolean {
    return this.lstat(path) !== undefined;
  }

  isDirectory(path: string): boolean {
    return this.lstat(path)?.isDirectory() === true;
  }

  isFile(path: string): boolean {
    return this.lstat(path)?.isFile() === true;
  }

  isLink(path: string): boolean {
    return this.lstat(path)?.isSymbolicLink() === true;
  }

  readLink(path: string): string {
    return readlinkSync(this.at(path));
  }

  /** The names in a directory, sorted by bytes; none when it is not a directory. */
  list(path: string): string[] {
    if (path !== '' && !this.isDirectory(path)) return [];
    return readdirSync(this.at(path)).sort(byBytes);
  }

  /** The bytes of a file, links followed within the root; undefined when there is none. */
  readBytes(path: string): Buffer | undefined {
    const file = join(this.root, this.#resolve(path, true));
    return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
  }

  readText(path: string): string | undefined {
    return this.readBytes(path)?.toString('utf8');
  }

  /** Puts a new file in place of whatever is there. Mode 0644, root's, unless said otherwise. */
  write(path: string, data: string | Uint8Array, owner: Owner = {}): void {
    this.mkdir(dirname(path));
    const file = this.at(path);
    const temporary = join(dirname(file), `.${basename(file)}.aot-new`);
    rmSync(temporary, { force: true });
    writeFileSync(temporary, data, { flag: 'wx', mode: 0o600 });
    lchownSync(temporary, owner.uid ?? 0, owner.gid ?? 0);
    chmodSync(temporary, owner.mode ?? 0o644);
    renameSync(temporary, file);
  }

  /** As `write`, for a file that keeps its owner and mode. */
  rewrite(path: string, data: string | Uint8Array): void {
    const stat = this.lstat(path);
    this.write(path, data, stat && { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid });
  }

  /** Makes a directory and its parents, 0755 and root's unless said otherwise; what is there stays as it is. */
  mkdir(path: string, owner: Owner = {}): void {
    const place = this.#resolve(path, true);
    const directory = join(this.root, place);
    if (place === '' || lstatSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
    this.mkdir(dirname(place));
    mkdirSync(directory);
    lchownSync(directory, owner.uid ?? 0, owner.gid ?? 0);
    chmodSync(directory, owner.mode ?? 0o755);
  }

  /** Puts a symbolic link in place of whatever is there. */
  symlink(target: string, path: string): void {
    this.mkdir(dirname(path));
    this.remove(path);
    symlinkSync(target, this.at(path));
    lchownSync(this.at(path), 0, 0);
  }

  /** Makes a hardlinked file one of its own, so that its mode may be changed. Extended attributes are lost. */
  unshare(path: string): void {
    const [file, stat] = [this.at(path), this.lstat(path)!];
    if (stat.nlink === 1) return;
    const temporary = `${file}.aot-new`;
    copyFileSync(file, temporary, constants.COPYFILE_EXCL);
    lchownSync(temporary, stat.uid, stat.gid);
    chmodSync(temporary, stat.mode & 0o7777);
    renameSync(temporary, file);
  }

  /** Gives a file the owner and mode of another. */
  adopt(path: string, stat: Stats): void {
    lchownSync(this.at(path), stat.uid, stat.gid);
    chmodSync(this.at(path), stat.mode & 0o7777);
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true, force: true });
  }

  /** Moves within the tree; the new place must be free. */
  rename(from: string, to: string): void {
    this.mkdir(dirname(to));
    renameSync(this.at(from), this.at(to));
  }

  /** Everything below a directory, parents first, sorted by bytes; links are entries, not followed. */
  *walk(path: string): Generator<Entry> {
    if (path === '' || this.isDirectory(path)) yield* this.#below(this.at(path), path);
  }

  /** Only real directories are entered, so the absolute path needs no resolving again. */
  *#below(directory: string, path: string): Generator<Entry> {
    for (const name of readdirSync(directory).sort(byBytes)) {
      const stat = lstatSync(join(directory, name), { throwIfNoEntry: false });
      if (stat === undefined) continue;
      const child = path === '' ? name : `${path}/${name}`;
      yield { path: child, stat };
      if (stat.isDirectory()) yield* this.#below(join(directory, name), child);
    }
  }

  #resolve(path: string, followLast: boolean): string {
    const resolved = followLinks(path, followLast, (at) => {
      const here = join(this.root, at);
      return lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink() ? { target: readlinkSync(here) } : 'other';
    });
    if (resolved === undefined) throw new AotError('data', `cannot follow '/${path}': too many links`);
    return resolved;
  }
}

/** Order by bytes, as strcmp and every C locale have it. */
export const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
