import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Phase } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';
import { Allowance, type Image, type ImageLayer, type ImageSource, readLayer } from '@apt-ostree/oci';
import { type BareRepo, openBareRepo, ostree } from '@apt-ostree/ostree';
import { run, span, sweep, temporaryDirectory } from '@apt-ostree/run';

/** Each waits for the network most of the time, and is unpacked as it comes: what is in memory is a few chunks of each. */
export const LAYERS_AT_ONCE = 4;

type Handler = Parameters<typeof readLayer>[1];

/**
 * Where an image is put together: a repository of its own beside the objects of the one that gets it. Only what is whole
 * and on the disk goes over, so that a power failure or a bad layer leaves nothing that counts as there.
 */
export interface Staging {
  image: Image;
  /** The repository that gets the commit. */
  target: string;
  repo: BareRepo;
  context: Context;
  allowance: Allowance;
  /** Diff ids of the layers that were read. */
  fetched: Set<string>;
  /** Reads a layer from the source; several may be read at once. */
  read(layer: ImageLayer, handler: Handler, signal: AbortSignal): Promise<void>;
  /** Takes a layer that need not be read out of what is to come. */
  skip(layer: ImageLayer): void;
  /** Names a commit of this repository that is to go over. */
  name(ref: string, commit: string): void;
  /**
   * Takes these commits over, and all that is named.
   * @param remote whose keys must have signed them
   */
  publish(commits: readonly string[], remote?: string): Promise<void>;
}

interface Job {
  /** The repository that gets the commit. */
  target: string;
  source: ImageSource;
  image: Image;
  context: Context;
}

/** Makes a staging area, and removes it afterwards. */
export async function inStaging<T>(job: Job, work: (staging: Staging) => Promise<T>): Promise<T> {
  const { target, image, context } = job;
  const parent = join(target, 'tmp');
  await sweep(parent);
  const temporary = await temporaryDirectory(parent);
  try {
    const repo = await openBareRepo(join(temporary.path, 'repo'));
    const total = image.layers.reduce((sum, l) => sum + l.descriptor.size, 0);
    const phase = context.progress.phase('layers', total, 'bytes');
    const staging = new Area(job, repo, phase, total);
    const result = await work(staging);
    phase.end();
    return result;
  } catch (error) {
    throw explain(error, `cannot write to repository '${target}'`);
  } finally {
    rmSync(join(temporary.path, 'repo'), { recursive: true, force: true });
    await temporary.remove();
  }
}

class Area implements Staging {
  readonly allowance = new Allowance();
  readonly fetched = new Set<string>();
  readonly target: string;
  readonly repo: BareRepo;
  readonly image: Image;
  readonly context: Context;
  readonly #source: ImageSource;
  readonly #phase: Phase;
  /** Bytes to be read in all. */
  #total: number;
  readonly #names: string[] = [];

  constructor(job: Job, repo: BareRepo, phase: Phase, total: number) {
    this.target = job.target;
    this.image = job.image;
    this.context = job.context;
    this.#source = job.source;
    this.repo = repo;
    this.#phase = phase;
    this.#total = total;
  }

  async read(layer: ImageLayer, handler: Handler, signal: AbortSignal): Promise<void> {
    const { descriptor, diffId } = layer;
    const open = () => this.#source.blob(descriptor);
    const either = AbortSignal.any([this.context.signal, signal]);
    const progress = (bytes: number) => this.#phase.add(bytes);
    await span('phase', `layer ${descriptor.digest}`, () =>
      readLayer({ descriptor, diffId, open, progress }, handler, either),
    );
    await this.repo.settle();
    this.fetched.add(diffId);
  }

  skip({ descriptor }: ImageLayer): void {
    this.#total -= descriptor.size;
    this.#phase.setTotal(this.#total);
  }

  name(ref: string, commit: string): void {
    this.repo.setRef(ref, commit);
    this.#names.push(ref);
  }

  async publish(commits: readonly string[], remote?: string): Promise<void> {
    const { repo, target } = this;
    await span('phase', 'sync', () => run('sync', ['--file-system', repo.path], { what: `cannot write '${target}'` }));
    if (remote !== undefined) await this.#pull([`--remote=${remote}`, '--gpg-verify'], commits);
    const own = commits.filter((commit) => repo.has(commit, 'commit'));
    await this.#pull([], [...(remote === undefined ? own : []), ...this.#names.splice(0)]);
  }

  async #pull(options: readonly string[], what: readonly string[]): Promise<void> {
    if (what.length === 0) return;
    const { repo, target } = this;
    try {
      await span('phase', 'publish', () =>
        ostree(target, ['pull-local', ...options, '--', repo.path, ...what], `cannot write to repository '${target}'`),
      );
    } catch (error) {
      throw missingObject(error);
    }
  }
}

/** A commit that an image carries may lack objects: libostree says which when it takes it over. */
function missingObject(error: unknown): unknown {
  const text = error instanceof Error ? error.message : '';
  const [object] = /[0-9a-f]{64}\.(?:file|dirtree|dirmeta)/.exec(text) ?? [];
  if (object === undefined || !/no such|not found|couldn't find/i.test(text)) return error;
  return new AotError('data', `cannot use the image: its commit lacks the object '${object}'`, { cause: error });
}
