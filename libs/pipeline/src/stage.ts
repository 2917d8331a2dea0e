/** One program of a pipeline. */
export interface Stage {
  /** The stage it is, or `after NAME` for an inserted one: what errors call it. */
  name: string;
  /** Program and arguments. */
  command: readonly string[];
  /** One of ours: it takes --progress-fd and --json-errors. Others only need to follow the contract of manifests. */
  own: boolean;
}

/** The stages of a compose, in order. */
export const STAGES = ['resolve', 'fetch', 'unpack', 'sandbox', 'commit'] as const;
export type StageName = (typeof STAGES)[number];

export const isStageName = (name: string): name is StageName => (STAGES as readonly string[]).includes(name);
