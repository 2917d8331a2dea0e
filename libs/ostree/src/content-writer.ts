import type { Hash } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, futimesSync, openSync, rmSync, writeSync } from 'node:fs';
import type { BareRepo } from './bare-repo.ts';
import { fileHash, type Metadata } from './objects.ts';

/** Up to this size a file is held in memory, so that one that is there already is never written. */
const SMALL = 256 * 1024;

/**
 * Writes one regular file as it arrives. The checksum covers owner, mode and content, so that the same file of another
 * package is stored once.
 */
export class ContentWriter {
  readonly #repo: BareRepo;
  readonly #metadata: Metadata;
  readonly #size: number;
  readonly #hash: Hash;
  readonly #held: Uint8Array[] | undefined;
  #file: { fd: number; path: string } | undefined;

  constructor(repo: BareRepo, metadata: Metadata, size: number) {
    this.#repo = repo;
    this.#metadata = metadata;
    this.#size = size;
    this.#hash = fileHash(metadata);
    if (size <= SMALL) this.#held = [];
    else this.#file = this.#open();
  }

  /** Takes the next bytes; small files keep the chunk itself, so it must not be changed afterwards. */
  write(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    if (this.#held) this.#held.push(chunk);
    else if (this.#file) writeWhole(this.#file.fd, chunk);
  }

  /** @returns the object's checksum; the object is in the repository */
  finish(): string {
    const object = this.#hash.digest('hex');
    if (this.#repo.hasFile(object, this.#size)) {
      this.abort();
      return object;
    }
    const file = this.#file ?? this.#open();
    for (const chunk of this.#held ?? []) writeWhole(file.fd, chunk);
    this.#seal(file.fd);
    this.#file = undefined;
    this.#repo.put(file.path, this.#repo.objectPath(object, 'file'), this.#metadata);
    this.#repo.written.content++;
    this.#repo.written.contentBytes += this.#size;
    return object;
  }

  abort(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file.fd);
    rmSync(this.#file.path, { force: true });
    this.#file = undefined;
  }

  #open(): { fd: number; path: string } {
    const path = this.#repo.temporary();
    this.#file = { fd: openSync(path, 'wx', 0o600), path };
    return this.#file;
  }

  /** Owner before mode: chown(2) takes the set-id bits away. The time is the epoch, as libostree has it. */
  #seal(fd: number): void {
    const { uid, gid, mode } = this.#metadata;
    if (uid !== 0 || gid !== 0) fchownSync(fd, uid, gid);
    fchmodSync(fd, mode & 0o7777);
    futimesSync(fd, 0, 0);
    closeSync(fd);
  }
}

function writeWhole(fd: number, chunk: Uint8Array): void {
  for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
}
