import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { archivePath, cachePaths, type PackageItem } from '@apt-ostree/manifest';
import { makeDirectories, sweep, type TemporaryDirectory, temporaryDirectory } from '@apt-ostree/run';
import { statIfThere } from '../stat-if-there.ts';
import { Part } from './part.ts';

/** How long an unfinished download is worth its space. */
const KEPT_DAYS = 7;

/**
 * The packages of a cache directory. A download grows in a locked temporary directory of this process. When it is broken
 * off it is kept as `tmp/<sha256>.part`, and the next run that wants the package takes it over by a rename, which only
 * one of several processes can win; so no package needs a lock. What a killed process leaves is swept.
 */
export class Store {
  readonly #cachedir: string;
  readonly #temporary: TemporaryDirectory;

  private constructor(cachedir: string, temporary: TemporaryDirectory) {
    this.#cachedir = cachedir;
    this.#temporary = temporary;
  }

  static async open(cachedir: string): Promise<Store> {
    const { tmp, archives } = cachePaths(cachedir);
    for (const directory of [tmp, archives]) makeWritable(directory);
    await sweep(tmp);
    forgetOld(tmp);
    return new Store(cachedir, await temporaryDirectory(tmp));
  }

  /** The file that a package grows in; with what an earlier run had of it. */
  begin(item: PackageItem): Part {
    const path = join(this.#temporary.path, item.sha256);
    move(this.#kept(item), path);
    const part = new Part(path);
    if (part.bytes > item.size) part.reset();
    return part;
  }

  /** Gives a verified package its name. Whoever else had it ready in the meantime had the same bytes. */
  accept(part: Part, item: PackageItem): void {
    part.close();
    const path = join(this.#cachedir, archivePath(item.sha256));
    try {
      mkdirSync(dirname(path), { recursive: true });
      renameSync(part.path, path);
    } catch (error) {
      throw explain(error, `cannot write '${path}'`);
    }
  }

  /** Keeps what came of a package for the next run. */
  leave(part: Part, item: PackageItem): void {
    part.close();
    if (part.bytes > 0) move(part.path, this.#kept(item));
  }

  close(): Promise<void> {
    return this.#temporary.remove();
  }

  #kept(item: PackageItem): string {
    return join(cachePaths(this.#cachedir).tmp, `${item.sha256}.part`);
  }
}

function makeWritable(directory: string): void {
  const what = `cannot write to the cache directory '${directory}'`;
  const hint = 'name a directory that you may write to with --cachedir';
  makeDirectories(directory, { what, hint });
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new AotError('cannotCreate', (explain(error, what) as Error).message, { hint, cause: error });
  }
}

function forgetOld(tmp: string): void {
  const limit = Date.now() - KEPT_DAYS * 86_400_000;
  for (const name of readdirSync(tmp)) {
    const path = join(tmp, name);
    const stat = name.endsWith('.part') ? statIfThere(path) : undefined;
    if (stat && stat.mtimeMs < limit) rmSync(path, { force: true });
  }
}

/** A rename that may come too late: then another process has it. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existsSync(from))
      throw explain(error, `cannot write '${to}'`);
  }
}
