import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';
import { replaceFile } from '@apt-ostree/run';
import type { WrittenLayer } from './write-layer.ts';

/** A blob that nobody used for so long goes. Its record stays, so that a registry that has it need not get it again. */
const KEPT_DAYS = 14;
const DAY = 24 * 60 * 60 * 1000;

/**
 * Compressed layers by what is in them: `records/KEY.json` says what became of it, `blobs/` holds the files by digest.
 * Either may be missing, and is made again.
 */
export class LayerCache {
  readonly #records: string;
  readonly #blobs: string;

  constructor(directory: string) {
    this.#records = join(directory, 'records');
    this.#blobs = join(directory, 'blobs');
    try {
      for (const path of [this.#records, this.#blobs]) mkdirSync(path, { recursive: true });
    } catch (error) {
      throw explain(error, `cannot create the layer cache '${directory}'`);
    }
  }

  /** What is known of a layer; its blob need not be there. */
  find(key: string): WrittenLayer | undefined {
    try {
      const layer: unknown = JSON.parse(readFileSync(this.#record(key), 'utf8'));
      return isWrittenLayer(layer) ? layer : undefined;
    } catch {
      return undefined;
    }
  }

  /** Where a layer's blob is; undefined where it has to be made again. One of another size is damaged, and removed. */
  blob({ digest, size }: WrittenLayer): string | undefined {
    const path = this.#blob(digest);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.size !== size) {
      rmSync(path, { force: true });
      return undefined;
    }
    const now = new Date();
    utimesSync(path, now, now);
    return path;
  }

  /** Takes a finished file over, and tells where it is now. */
  store(key: string, layer: WrittenLayer, file: string): string {
    const path = this.#blob(layer.digest);
    const record = this.#record(key);
    const what = `cannot write the layer cache '${path}'`;
    try {
      renameSync(file, path);
    } catch (error) {
      throw explain(error, what);
    }
    replaceFile(record, JSON.stringify(layer), what);
    return path;
  }

  /** Removes blobs that were not used for two weeks. */
  expire(now = Date.now()): void {
    for (const name of existsSync(this.#blobs) ? readdirSync(this.#blobs) : []) {
      const path = join(this.#blobs, name);
      const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now;
      if (now - used > KEPT_DAYS * DAY) rmSync(path, { force: true });
    }
  }

  #record(key: string): string {
    return join(this.#records, `${key}.json`);
  }

  #blob(digest: string): string {
    return join(this.#blobs, digest.replace(':', '-'));
  }
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

function isWrittenLayer(value: unknown): value is WrittenLayer {
  if (value === null || typeof value !== 'object') return false;
  const { diffId, digest, size, uncompressedSize } = value as Record<string, unknown>;
  const digests = [diffId, digest].every((d) => typeof d === 'string' && DIGEST.test(d));
  return digests && [size, uncompressedSize].every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}
