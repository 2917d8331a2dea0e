import { escapes, memberPath, type TarHandler, type TarHeader } from '@apt-ostree/dpkg/tar';
import type { BareRepo, ContentWriter, Metadata } from '@apt-ostree/ostree';
import type { LayerEntry } from './layer-entry.ts';
import type { Allowance } from './limits.ts';
import { keptXattrs } from './xattrs.ts';

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Others that begin so are aufs's own books (image specification, "Whiteouts"). */
const RESERVED = '.wh..wh.';

/**
 * Takes the members of a layer: checks each, stores its content, and lists what it does. Throws Errors that say what is
 * wrong with a member.
 */
export class LayerReader implements TarHandler {
  readonly entries: LayerEntry[] = [];
  readonly #repo: BareRepo;
  readonly #allowance: Allowance;
  #open: { path: string; size: number; writer: ContentWriter } | undefined;

  constructor(repo: BareRepo, allowance: Allowance) {
    this.#repo = repo;
    this.#allowance = allowance;
  }

  entry(header: TarHeader): void {
    this.#allowance.takeEntries(1);
    const path = memberPath(header.path);
    try {
      this.#take(path, header);
    } catch (error) {
      throw new Error(`its member '/${path}': ${(error as Error).message}`, { cause: error });
    }
  }

  data(chunk: Buffer): void {
    this.#open?.writer.write(chunk);
  }

  done(): void {
    if (this.#open === undefined) return;
    const { path, size, writer } = this.#open;
    this.#open = undefined;
    this.entries.push({ type: 'file', path, size, object: writer.finish() });
  }

  /** Forgets a member that was cut short. */
  abort(): void {
    this.#open?.writer.abort();
  }

  #take(path: string, header: TarHeader): void {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name.startsWith(WHITEOUT)) this.#whiteout(path, name);
    else if (header.type === 'directory')
      this.entries.push({ type: 'directory', path, metadata: metadataOf(header, S_IFDIR) });
    else if (path === '') throw new Error('it replaces the root directory');
    else if (header.type === 'file') this.#file(path, header);
    else if (header.type === 'symlink') this.#symlink(path, header);
    else if (header.type === 'hardlink') this.#hardlink(path, header);
    // what a running system mounts over is not kept, whatever it is
    else if (!/^(?:dev|run|proc|sys|tmp)\//.test(path))
      throw new Error(`it is a ${KIND[header.type] ?? header.type}, which a commit cannot hold`);
  }

  #file(path: string, header: TarHeader): void {
    const writer = this.#repo.content(metadataOf(header, S_IFREG), header.size);
    this.#open = { path, size: header.size, writer };
  }

  #whiteout(path: string, name: string): void {
    const directory = path.slice(0, Math.max(0, path.length - name.length - 1));
    if (name === OPAQUE) this.entries.push({ type: 'opaque', path: directory });
    else if (!name.startsWith(RESERVED)) {
      const hidden = name.slice(WHITEOUT.length);
      if (['', '.', '..'].includes(hidden)) throw new Error('it is a whiteout of nothing');
      this.entries.push({ type: 'whiteout', path: directory === '' ? hidden : `${directory}/${hidden}` });
    }
  }

  #symlink(path: string, header: TarHeader): void {
    const target = header.link;
    if (target === '') throw new Error('it is a link that leads nowhere');
    if (Buffer.byteLength(target) >= 4096) throw new Error('the target of the link is too long');
    if (escapes(path, target)) throw new Error(`the link leads out of the tree, to '${target}'`);
    const metadata = { ...metadataOf(header, S_IFLNK), mode: S_IFLNK | 0o777 };
    this.entries.push({ type: 'symlink', path, target, object: this.#repo.symlink(metadata, target) });
  }

  /** Some builders write the target as an absolute path; it is one of the image either way. */
  #hardlink(path: string, header: TarHeader): void {
    const target = memberPath(header.link.replace(/^\/+/, ''));
    if (target === '') throw new Error('it is a hard link to a directory');
    this.entries.push({ type: 'hardlink', path, target });
  }
}

const KIND: Record<string, string> = { chardev: 'device node', blockdev: 'device node', fifo: 'named pipe' };

function metadataOf({ uid, gid, mode, xattrs }: TarHeader, kind: number): Metadata {
  if (uid > 0xfffffffe || gid > 0xfffffffe) throw new Error('its owner is no number that Linux has');
  const kept = keptXattrs(xattrs);
  return { uid, gid, mode: mode | kind, ...(kept.length === 0 ? {} : { xattrs: kept }) };
}
