import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { hasEnded, makeDirectories, processMark, run, sweep, temporaryDirectory } from '@apt-ostree/run';
import { ContentWriter } from './content-writer.ts';
import {
  type CommitContent,
  checksum,
  type DirtreeContent,
  encodeCommit,
  encodeDirmeta,
  encodeDirtree,
  fileHash,
  type Metadata,
  type Xattr,
} from './objects.ts';
import { cannotWrite, makeWritable, OTHER_CACHE } from './repo-errors.ts';
import { repositorySetting } from './repository-setting.ts';
import { setXattrs } from './set-xattrs.ts';

export type ObjectType = 'file' | 'dirtree' | 'dirmeta' | 'commit';

const HEX = '0123456789abcdef';
/** Of temporary files' names. */
const PREFIX = 'aot-';

/**
 * Opens a repository of mode `bare`, made by `ostree init` if it is not there. Objects are written by ourselves: one
 * process for all packages, nothing synced, since a cache can be made again.
 * @throws AotError `data` when it is of another mode, `cannotCreate` when it cannot be written
 */
export async function openBareRepo(path: string): Promise<BareRepo> {
  await sweep(dirname(path)); // whoever made it may have been killed after it had its name
  if (!existsSync(join(path, 'config'))) await initialise(path);
  const mode = repositorySetting(path, 'mode'); // a configuration that was cut short has none
  if (mode !== 'bare') {
    throw new AotError('data', `cannot use the package cache '${path}': it is of mode '${mode}', not 'bare'`, {
      hint: 'give another directory with --cachedir',
    });
  }
  // an initialisation that was cut short leaves a configuration and not all directories
  makeWritable(`cannot use the package cache '${path}'`, () => mkdirSync(join(path, 'tmp'), { recursive: true }));
  sweepTemporaries(join(path, 'tmp'));
  return new BareRepo(path);
}

/** Removes what killed processes of ours left. */
function sweepTemporaries(tmp: string): void {
  for (const name of readdirSync(tmp)) {
    if (name.startsWith(PREFIX) && hasEnded(name)) rmSync(join(tmp, name), { force: true });
  }
}

async function initialise(path: string): Promise<void> {
  const what = `cannot create the package cache '${path}'`;
  makeDirectories(dirname(path), { what, hint: OTHER_CACHE });
  const temporary = await temporaryDirectory(dirname(path)).catch((error) => {
    throw cannotWrite(error, what);
  });
  const made = join(temporary.path, 'repo');
  try {
    await run('ostree', ['init', '--mode=bare', `--repo=${made}`], { what });
    makeWritable(what, () => {
      for (const a of HEX) for (const b of HEX) mkdirSync(join(made, 'objects', a + b), { recursive: true });
      put(made, path);
    });
  } finally {
    await temporary.remove();
  }
}

/**
 * Gives a new repository its name, once it is whole. What is there without a configuration is no repository; it is put
 * aside, not removed, as it may be somebody's.
 */
function put(made: string, path: string): void {
  if (existsSync(join(path, 'config'))) return; // another process was faster
  if (existsSync(path) && readdirSync(path).length > 0) renameSync(path, `${path}.damaged-${process.pid}`);
  renameSync(made, path);
}

export class BareRepo {
  readonly path: string;
  /** How many objects were not there before. */
  readonly written = { metadata: 0, content: 0, contentBytes: 0 };
  readonly #tmp: string;
  #counter = 0;
  readonly #unsettled = new Map<string, { temporary: string; xattrs: readonly Xattr[] }>();
  #settling: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
    this.#tmp = join(path, 'tmp', `${PREFIX}${processMark}-${randomBytes(4).toString('hex')}-`);
  }

  /** Path of an object's file. A template, not path.join: called for every file of every package. */
  objectPath(object: string, type: ObjectType): string {
    return `${this.path}/objects/${object.slice(0, 2)}/${object.slice(2)}.${type}`;
  }

  has(object: string, type: ObjectType): boolean {
    return existsSync(this.objectPath(object, type));
  }

  /** Whether a regular file's object is there, and whole as far as its length says. */
  hasFile(object: string, size: number): boolean {
    return lstatSync(this.objectPath(object, 'file'), { throwIfNoEntry: false })?.size === size;
  }

  /** Begins a regular file of `size` bytes; see ContentWriter. */
  content(metadata: Metadata, size: number): ContentWriter {
    return new ContentWriter(this, metadata, size);
  }

  symlink(metadata: Metadata, target: string): string {
    const object = fileHash(metadata, target).digest('hex');
    const path = this.objectPath(object, 'file');
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return object;
    const temporary = this.temporary();
    symlinkSync(target, temporary);
    if (metadata.uid !== 0 || metadata.gid !== 0) lchownSync(temporary, metadata.uid, metadata.gid);
    this.put(temporary, path, metadata);
    this.written.content++;
    return object;
  }

  /**
   * Makes a file that is on the same file system an object, by a hard link: it loses its time. Owner, mode and extended
   * attributes must be those of its metadata.
   * @returns false where that cannot be
   */
  adopt(file: string, object: string, size: number): boolean {
    const temporary = this.temporary();
    try {
      linkSync(file, temporary);
    } catch (error) {
      if (['EXDEV', 'EMLINK', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
    utimesSync(temporary, 0, 0);
    this.publish(temporary, this.objectPath(object, 'file'));
    this.written.content++;
    this.written.contentBytes += size;
    return true;
  }

  dirmeta(metadata: Metadata): string {
    return this.metadataObject(encodeDirmeta(metadata), 'dirmeta');
  }

  dirtree(content: DirtreeContent): string {
    return this.metadataObject(encodeDirtree(content), 'dirtree');
  }

  commit(content: CommitContent): string {
    return this.metadataObject(encodeCommit(content), 'commit');
  }

  /** Writes the detached metadata of a commit: its signatures. */
  detached(commit: string, bytes: Uint8Array): void {
    const temporary = this.temporary();
    writeFileSync(temporary, bytes, { mode: 0o644 });
    this.publish(temporary, join(this.path, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commitmeta`));
  }

  /** The commit that a ref names. */
  resolve(ref: string): string | undefined {
    try {
      return readFileSync(join(this.path, 'refs/heads', ref), 'utf8').trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw explain(error, `cannot read the ref '${ref}'`);
    }
  }

  /** Points a ref at a commit, in one step. */
  setRef(ref: string, commit: string): void {
    const path = join(this.path, 'refs/heads', ref);
    mkdirSync(dirname(path), { recursive: true });
    const temporary = this.temporary();
    writeFileSync(temporary, `${commit}\n`);
    this.publish(temporary, path);
  }

  /**
   * Gives a file object that was written its name; one with extended attributes waits for `settle`, since Node cannot set
   * them and a process for each would cost more than the file.
   */
  put(temporary: string, path: string, { xattrs = [] }: Metadata): void {
    if (xattrs.length === 0) {
      this.publish(temporary, path);
      return;
    }
    const earlier = this.#unsettled.get(path);
    if (earlier !== undefined) rmSync(earlier.temporary, { force: true });
    this.#unsettled.set(path, { temporary, xattrs });
  }

  /**
   * Gives the objects with extended attributes these, and their names: to be called before a commit names any of them. Others
   * may write meanwhile; what was put before the call is there after it.
   */
  settle(): Promise<void> {
    this.#settling = this.#settling.then(() => this.#settleWaiting());
    return this.#settling;
  }

  async #settleWaiting(): Promise<void> {
    const waiting = [...this.#unsettled];
    if (waiting.length === 0) return;
    this.#unsettled.clear();
    await setXattrs(waiting.map(([, { temporary, xattrs }]) => ({ path: temporary, xattrs })));
    for (const [path, { temporary }] of waiting) this.publish(temporary, path);
  }

  /** A name nobody else uses, on the repository's file system; libostree sweeps old ones. */
  temporary(): string {
    return `${this.#tmp}${this.#counter++}`;
  }

  publish(temporary: string, path: string): void {
    try {
      renameSync(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      mkdirSync(dirname(path), { recursive: true });
      renameSync(temporary, path);
    }
  }

  /** Writes an object that is encoded already. */
  metadataObject(object: Uint8Array, type: Exclude<ObjectType, 'file'>): string {
    const name = checksum(object);
    const path = this.objectPath(name, type);
    if (isThere(path, object)) return name;
    const temporary = this.temporary();
    try {
      writeFileSync(temporary, object, { mode: 0o644 });
      this.publish(temporary, path);
      this.written.metadata++;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    return name;
  }
}

/** Whether a file is what is to be written. It may be another: nothing is synced, and a power failure cuts files. */
function isThere(path: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(bytes);
  } catch {
    return false;
  }
}
