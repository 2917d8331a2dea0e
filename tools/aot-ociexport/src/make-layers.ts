import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { cachePaths, defaultCachedir } from '@apt-ostree/manifest';
import {
  type Compression,
  type Descriptor,
  type ImageDestination,
  LayerCache,
  layerMediaType,
  type WrittenLayer,
} from '@apt-ostree/oci';
import { limiter, sweep, temporaryDirectory } from '@apt-ostree/run';
import { layerPool } from './layer-pool.ts';
import { layerAnnotations } from './manifest.ts';
import { layerKey, type PlannedLayer } from './planned.ts';

export interface MadeLayer {
  plan: PlannedLayer;
  written: WrittenLayer;
  descriptor: Descriptor;
  /** It was compressed before. */
  reused: boolean;
}

export interface MakingOptions {
  repo: string;
  compression: Compression;
  /** Names the compressor with its version. */
  compressor: string;
  cachedir: string | undefined;
  destination: ImageDestination;
  format: 'plain' | 'encapsulated';
}

/** Transfers that run at once. */
const TRANSFERS = 4;

/**
 * Makes layers, on all processors, and puts each where it goes as soon as it is there. What the cache or the destination
 * has is not made again.
 */
export async function makeLayers(
  plans: readonly PlannedLayer[],
  options: MakingOptions,
  context: Context,
): Promise<MadeLayer[]> {
  const paths = cachePaths(options.cachedir ?? defaultCachedir());
  const cache = new LayerCache(paths.layers);
  await sweep(paths.tmp);
  const work = await temporaryDirectory(paths.tmp);
  const maker = new LayerMaker(cache, work.path, options, context.signal);
  const phase = context.progress.phase('export', plans.length);
  try {
    const made = new Map<PlannedLayer, MadeLayer>();
    const each = async (plan: PlannedLayer) => {
      made.set(plan, await maker.make(plan));
      phase.add(1, plan.title);
    };
    await Promise.all([...plans].sort((a, b) => b.weight - a.weight).map(each)); // no processor waits at the end
    phase.end();
    cache.expire();
    return plans.map((plan) => made.get(plan) as MadeLayer);
  } finally {
    await maker.close();
    await work.remove();
  }
}

class LayerMaker {
  readonly #cache: LayerCache;
  readonly #work: string;
  readonly #options: MakingOptions;
  readonly #signal: AbortSignal;
  readonly #pool: ReturnType<typeof layerPool>;
  readonly #compressing: ReturnType<typeof limiter>;
  readonly #transferring = limiter(TRANSFERS);
  #closed = false;

  constructor(cache: LayerCache, work: string, options: MakingOptions, signal: AbortSignal) {
    this.#cache = cache;
    this.#work = work;
    this.#options = options;
    this.#signal = signal;
    this.#pool = layerPool({ repo: options.repo, compression: options.compression });
    this.#compressing = limiter(this.#pool.size);
  }

  async make(plan: PlannedLayer): Promise<MadeLayer> {
    const key = layerKey(plan, this.#options.compressor);
    const known = this.#cache.find(key);
    if (known !== undefined && (await this.#reuse(plan, known))) return this.#made(plan, known, true);
    const { written, file } = await this.#compressing(() => this.#compress(key, plan));
    await this.#put(plan, written, file);
    return this.#made(plan, written, false);
  }

  /** What was begun after a failure is not gone on with. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.close();
  }

  /** False where the blob is in neither place. */
  async #reuse(plan: PlannedLayer, written: WrittenLayer): Promise<boolean> {
    if (await this.#has(plan, written)) return true;
    const file = this.#cache.blob(written);
    if (file === undefined) return false;
    await this.#put(plan, written, file);
    return true;
  }

  async #compress(key: string, plan: PlannedLayer): Promise<{ written: WrittenLayer; file: string }> {
    this.#goOn();
    const file = join(this.#work, key);
    const written = await this.#pool.do({ layer: plan, file });
    return { written, file: this.#cache.store(key, written, file) };
  }

  #has(plan: PlannedLayer, written: WrittenLayer): Promise<boolean> {
    return this.#transferring(() => this.#options.destination.has(this.#descriptor(plan, written)));
  }

  #put(plan: PlannedLayer, written: WrittenLayer, file: string): Promise<void> {
    return this.#transferring(async () => {
      this.#goOn();
      await this.#options.destination.put(this.#descriptor(plan, written), () => createReadStream(file));
    });
  }

  #goOn(): void {
    this.#signal.throwIfAborted();
    if (this.#closed) throw new Error('closed');
  }

  #made(plan: PlannedLayer, written: WrittenLayer, reused: boolean): MadeLayer {
    return { plan, written, descriptor: this.#descriptor(plan, written), reused };
  }

  #descriptor(plan: PlannedLayer, { digest, size }: WrittenLayer): Descriptor {
    const { compression, format } = this.#options;
    return { mediaType: layerMediaType(compression), digest, size, annotations: layerAnnotations(plan, format) };
  }
}
