import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import {
  type ArchiveItem,
  type ArchivesManifest,
  archivePath,
  cachePaths,
  type PackageItem,
  packageId,
} from '@apt-ostree/manifest';
import { type BareRepo, openBareRepo } from '@apt-ostree/ostree';
import type { WorkerPool } from '@apt-ostree/run';
import { importPool, type ToWorker } from './import-pool.ts';
import { type PackageRecord, readRecord } from './record.ts';

export interface ImportedItem {
  item: PackageItem;
  record: PackageRecord;
  /** The .deb, below the cache directory. */
  file: string;
}

/** Imports packages as their names arrive, one on each thread. The first failure ends it. */
export class ImportQueue {
  readonly #cachedir: string;
  readonly #context: Context;
  readonly #pool: WorkerPool<ToWorker, PackageRecord>;
  readonly #waiting: ArchiveItem[] = [];
  readonly #results = new Map<string, ImportedItem>();
  readonly #workers: Promise<void>[] = [];
  #packages = new Map<string, PackageItem>();
  #phase: ReturnType<Context['progress']['phase']> | undefined;
  #repo: Promise<BareRepo> | undefined;
  #running = 0;
  #failure: unknown;

  constructor(cachedir: string, context: Context) {
    this.#cachedir = cachedir;
    this.#context = context;
    this.#pool = importPool({ cachedir, repo: cachePaths(cachedir).repo });
  }

  begin(envelope: ArchivesManifest): void {
    this.#packages = new Map(envelope.packages.map((p) => [packageId(p), p]));
    this.#phase = this.#context.progress.phase('import', envelope.packages.length);
    this.#repo = openBareRepo(cachePaths(this.#cachedir).repo);
    this.#repo.catch(() => {}); // the first import reports it
  }

  add(item: ArchiveItem): void {
    this.#waiting.push(item);
    if (this.#running >= this.#pool.size || this.#failure !== undefined) return;
    this.#running++;
    this.#workers.push(this.#work());
  }

  /** @returns what was imported, by package id @throws whatever the first failing import threw */
  async finish(): Promise<ReadonlyMap<string, ImportedItem>> {
    for (let i = 0; i < this.#workers.length; i++) await this.#workers[i];
    await this.#pool.close();
    if (this.#failure !== undefined) throw this.#failure;
    this.#phase?.end();
    return this.#results;
  }

  async #work(): Promise<void> {
    try {
      for (let item = this.#waiting.shift(); item; item = this.#waiting.shift()) {
        if (this.#failure !== undefined) break;
        this.#context.signal.throwIfAborted();
        await this.#import(item);
      }
    } catch (error) {
      this.#failure ??= error;
    } finally {
      this.#running--;
    }
  }

  async #import(archive: ArchiveItem): Promise<void> {
    const item = this.#known(archive);
    const repo = await (this.#repo as Promise<BareRepo>);
    const record =
      readRecord(this.#cachedir, repo, item.sha256) ?? (await this.#pool.do({ item, file: fileOf(archive, item) }));
    this.#results.set(archive.package, { item, record, file: archive.file ?? archivePath(item.sha256) });
    this.#phase?.add(1, item.name);
  }

  #known(archive: ArchiveItem): PackageItem {
    const item = this.#packages.get(archive.package);
    if (item !== undefined && item.sha256 === archive.sha256) return item;
    throw new AotError(
      'data',
      `cannot use the manifest from standard input: its archive of '${archive.package}' belongs to none of its packages`,
    );
  }
}

function fileOf(archive: ArchiveItem, item: PackageItem): string {
  if (archive.file !== undefined) return archive.file;
  throw new AotError('data', `cannot unpack '${item.name}': the package cache does not have it`, {
    hint: 'run aot-fetch again without --have',
  });
}
