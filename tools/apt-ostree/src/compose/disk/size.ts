import { lstatSync, readdirSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { MIB, overhead } from './partitions.ts';
import type { DiskRequest } from './request.ts';

const BLOCK = 4096;
/** ext4 keeps a link of this length in its inode. */
const INLINE_LINK = 60;
const INODE = 256;
/** The journal that mke2fs gives to a file system of a few GiB, and room for the first boot to write in. */
const JOURNAL = 64 * MIB;
const ROOM = 64 * MIB;
const SMALLEST = 4096 * MIB;

export interface Size {
  /** Of the whole disk. */
  disk: number;
  /** Inodes that the root file system is to have. */
  inodes: number;
  /** The least that the disk can have. */
  needed: number;
}

/**
 * The size of the disk: as asked for, or room for two further deployments of this kind.
 * @throws AotError `usage` when that is too small
 */
export function chooseSize(content: Content, request: Pick<DiskRequest, 'size' | 'separateBoot'>): Size {
  const rest = overhead(request.separateBoot);
  const filled = content.bytes + content.inodes * INODE;
  const needed = wholeMib(filled * 1.04 + JOURNAL + ROOM + rest);
  const disk =
    request.size ?? Math.max(SMALLEST, Math.ceil((filled * 3 + JOURNAL + ROOM + rest) / (1024 * MIB)) * 1024 * MIB);
  if (disk < needed) throw tooSmall(disk, needed);
  return { disk, needed, inodes: Math.max(Math.ceil(disk / 16384), content.inodes * 2) };
}

export const tooSmall = (disk: number, needed: number): AotError =>
  new AotError('usage', `cannot make a disk of ${disk / MIB}M: the commit needs ${needed / MIB}M`, {
    code: 'too-small',
    hint: 'an upgrade needs room for a second deployment beside the first',
  });

const wholeMib = (bytes: number): number => Math.ceil(bytes / MIB) * MIB;

/** Blocks and inodes that files will take. */
export interface Content {
  bytes: number;
  inodes: number;
}

/** What a sysroot takes: hardlinks once, as they are carried over. */
export class Measure {
  readonly #seen = new Set<number>();
  #bytes = 0;
  #linked = 0;

  /**
   * Counts a path and all below it that was not counted yet.
   * @param linked a directory in which all files are links to what is counted elsewhere: only its directories count
   */
  add(path: string, linked?: string): void {
    const stat = lstatSync(path);
    if (this.#seen.has(stat.ino)) return;
    this.#seen.add(stat.ino);
    const inline = stat.isSymbolicLink() && stat.size < INLINE_LINK;
    if (!inline) this.#bytes += Math.max(stat.isDirectory() ? 1 : 0, Math.ceil(stat.size / BLOCK)) * BLOCK;
    if (!stat.isDirectory()) return;
    if (path === linked) this.#addDirectories(path);
    else for (const name of readdirSync(path)) this.add(`${path}/${name}`, linked);
  }

  get content(): Content {
    return { bytes: this.#bytes + this.#linked * BLOCK, inodes: this.#seen.size + this.#linked };
  }

  #addDirectories(path: string): void {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      this.#linked++;
      this.#addDirectories(`${path}/${entry.name}`);
    }
  }
}
