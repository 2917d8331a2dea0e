import type { Kind } from '@apt-ostree/manifest';

/** One program of a pipeline. */
export interface Stage {
  /** The stage it is, or `after NAME` for an inserted one: what errors call it. */
  name: string;
  /** Program and arguments. */
  command: readonly string[];
  /** One of ours: it takes --progress-fd and --json-errors. Others only need to follow the contract of manifests. */
  own: boolean;
  /** The kind of its output, which is checked where the program is not ours. */
  writes?: Kind;
}

/** The stages of a compose, in order. */
export const STAGES = ['resolve', 'fetch', 'unpack', 'sandbox', 'commit'] as const;
export type StageName = (typeof STAGES)[number];

/** What each stage writes, and so do the filters behind it. */
export const WRITES: Readonly<Record<StageName, Kind>> = {
  resolve: 'aot.packages/v1',
  fetch: 'aot.archives/v1',
  unpack: 'aot.rootfs/v1',
  sandbox: 'aot.rootfs/v1',
  commit: 'aot.commit/v1',
};

export const isStageName = (name: string): name is StageName => (STAGES as readonly string[]).includes(name);
