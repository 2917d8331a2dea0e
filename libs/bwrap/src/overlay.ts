import { mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { outerUid } from '@apt-ostree/manifest';
import { inNamespace, removeTree, run, sweep, type TemporaryDirectory, temporaryDirectory } from '@apt-ostree/run';
import { applyUppers } from './apply-upper.ts';
import { refuseHalfApplied } from './half-applied.ts';

/**
 * Mounts an overlay over `rootfs`, whose files may be hardlinks into a repository and must never be written. Upper and
 * work directory are temporary, beside the tree and so on its file system, whence they can be applied by renaming.
 * @throws AotError `noInput` without a tree, `os` where the mount is refused
 */
export async function openOverlay(rootfs: string): Promise<Overlay> {
  if (!inNamespace()) throw new AotError('software', 'an overlay needs a mount namespace of our own');
  const lower = resolve(rootfs);
  refuseHalfApplied(lower);
  try {
    if (!statSync(lower).isDirectory()) throw new AotError('noInput', `cannot use tree '${rootfs}': not a directory`);
  } catch (error) {
    throw explain(error, `cannot use tree '${rootfs}'`);
  }
  await sweep(dirname(lower));
  const temporary = await temporaryDirectory(dirname(lower));
  const overlay = new Overlay(lower, temporary);
  try {
    await overlay.mount();
    return overlay;
  } catch (error) {
    await overlay.discard();
    await temporary.remove();
    throw error;
  }
}

/** Upper directories of one overlay: their names have to fit into an option. */
const MOST = 16;

/** A tree under an overlay: what is written at `merged` lands in `upper`, and the tree stays as it is. */
export class Overlay {
  readonly rootfs: string;
  readonly merged: string;
  /** A directory in memory for the run: /run, /tmp, and what the sandbox is controlled with. */
  readonly memory: string;
  /** A directory on disk beside them, for logs. */
  readonly scratch: string;
  readonly #temporary: TemporaryDirectory;
  readonly #mounts: string[] = [];
  /** The oldest first. */
  readonly #uppers: string[] = [];
  #base: string;

  constructor(rootfs: string, temporary: TemporaryDirectory) {
    this.rootfs = rootfs;
    this.#base = rootfs;
    this.#temporary = temporary;
    this.scratch = temporary.path;
    this.merged = this.#directory('merged');
    this.memory = this.#directory('memory');
  }

  /** What changed since the beginning, or since the last checkpoint. */
  get upper(): string {
    return this.#uppers.at(-1) as string;
  }

  /** What `merged` was then. */
  get lower(): string {
    return this.#base;
  }

  /** To be called once, before anything else. */
  async mount(): Promise<void> {
    await this.#mountMerged();
    await this.#mount('tmpfs', 'mode=0755', this.memory);
    makeMemory(this.memory);
  }

  /**
   * Begins a new upper directory, so that a walk of it does not meet again what was written so far. Nothing may run in the
   * sandbox meanwhile.
   * @returns false where there are as many as one can have
   */
  async checkpoint(): Promise<boolean> {
    if (this.#uppers.length === MOST) return false;
    await this.#unmount(this.merged);
    this.#base = this.#directory(`base-${this.#uppers.length}`);
    await this.#mount('overlay', [this.#lowerdir(), ...marks()].join(','), this.#base);
    await this.#mountMerged();
    return true;
  }

  /** Unmounts, then makes the tree what `merged` was. */
  async apply(): Promise<void> {
    await this.#close(() => applyUppers(this.#uppers, this.rootfs));
  }

  /** Unmounts and forgets what was written. Does nothing after `apply`. */
  async discard(): Promise<void> {
    await this.#close(async () => {});
  }

  async #close(work: () => Promise<void>): Promise<void> {
    if (this.#mounts.length === 0) return;
    await this.#unmount(...this.#mounts);
    await work();
    await removeTree(this.scratch);
    await this.#temporary.remove();
  }

  /** `volatile`: nothing is synced, the tree is scratch until it is committed (the kernel's documentation of overlayfs). */
  async #mountMerged(): Promise<void> {
    const lowerdir = this.#lowerdir();
    const n = this.#uppers.length;
    const [upper, work] = [this.#directory(`upper-${n}`), this.#directory(`work-${n}`)];
    this.#uppers.push(upper);
    const options = [
      lowerdir,
      `upperdir=${basename(upper)}`,
      `workdir=${basename(work)}`,
      'volatile',
      'xino=off',
      ...marks(),
    ];
    await this.#mount('overlay', options.join(','), this.merged);
  }

  /** Paths as #mount's programs find them: fsconfig(2) takes options up to 255 bytes. */
  #lowerdir(): string {
    const paths = [...this.#uppers].reverse().concat(this.rootfs);
    return `lowerdir=${paths.map((path) => quote(relative(this.#temporary.path, path))).join(':')}`;
  }

  async #mount(type: string, options: string, target: string): Promise<void> {
    await run('mount', ['-t', type, '-o', options, type, target], {
      cwd: this.#temporary.path,
      what: `cannot mount ${type} for '${this.rootfs}'`,
      hint: 'the tree must lie on a local file system that can carry an overlay (ext4, xfs, btrfs, tmpfs)',
    });
    this.#mounts.push(target);
  }

  async #unmount(...targets: string[]): Promise<void> {
    await run('umount', ['--lazy', ...targets], { what: `cannot unmount the overlay on '${this.rootfs}'` });
    for (const target of targets.slice()) this.#mounts.splice(this.#mounts.indexOf(target), 1);
  }

  #directory(name: string): string {
    const path = join(this.#temporary.path, name);
    mkdirSync(path);
    return path;
  }
}

/** In a user namespace overlayfs keeps its marks in user.overlay.*; nothing of it is ever to be found elsewhere. */
function marks(): string[] {
  return outerUid() === 0 ? ['redirect_dir=off', 'metacopy=off', 'index=off'] : ['userxattr'];
}

/** Commas and colons separate its options. */
const quote = (path: string): string => path.replace(/[\\,:]/g, '\\$&');

function makeMemory(memory: string): void {
  const umask = process.umask(0);
  mkdirSync(join(memory, 'run'), { mode: 0o755 });
  mkdirSync(join(memory, 'run/lock'), { mode: 0o1777 });
  mkdirSync(join(memory, 'tmp'), { mode: 0o1777 });
  process.umask(umask);
}
