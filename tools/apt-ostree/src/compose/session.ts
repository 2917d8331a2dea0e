import { machine } from 'node:os';

import type { Context } from '@apt-ostree/cli';
import { cachePaths, defaultCachedir } from '@apt-ostree/manifest';
import {
  type Chosen,
  chooseStages,
  type PipelineOptions,
  runPipeline,
  type Stage,
  Timings,
} from '@apt-ostree/pipeline';
import type { Treefile } from '@apt-ostree/treefile';

export interface SessionArgs {
  treefile: string;
  cachedir?: string | undefined;
  'source-root'?: string | undefined;
  proxy?: string | undefined;
  stage: string[];
  after: string[];
}

/** What the steps of one compose share: its programs, its places, and the way it tells people how far it is. */
export interface Session {
  context: Context;
  chosen: Chosen;
  cachedir: string;
  sourceRoot: string;
  timings: Timings;
  /** Runs stages, and returns the output of the last. */
  pipe(stages: readonly Stage[], options?: PipeOptions): Promise<string>;
}

/** What the first stage reads, what is added to the environment, and who sees the output of each stage, and its progress too. */
export type PipeOptions = Pick<PipelineOptions, 'input' | 'env' | 'output'> &
  Partial<Pick<PipelineOptions, 'progress'>>;

/**
 * Decides which program runs as which stage, and where everything is. The treefile is read here too, for its `stages` and
 * its source root; what is wrong with it is then said before anything is started.
 */
export async function openSession(args: SessionArgs, context: Context): Promise<Session> {
  const { loadTreefile } = await import('@apt-ostree/treefile'); // YAML, which a layer's session does without
  const { treefile, sourceRoot } = await loadTreefile(args.treefile, { architecture: machine() });
  return sessionOf({ ...args, treefile, sourceRoot: args['source-root'] ?? sourceRoot }, context);
}

export interface SessionParts {
  treefile: Treefile;
  sourceRoot: string;
  cachedir?: string | undefined;
  proxy?: string | undefined;
  stage: string[];
  after: string[];
}

/** A session for a treefile that was read already. */
export function sessionOf(parts: SessionParts, context: Context): Session {
  const { stage, after, sourceRoot, treefile } = parts;
  return {
    chosen: chooseStages({ stage, after, treefile: treefile.stages, sourceRoot }),
    cachedir: parts.cachedir ?? defaultCachedir(),
    sourceRoot,
    ...piping(context, proxyEnvironment(parts.proxy)),
  };
}

/** Stages without a treefile: their times, and the way their progress and notes go on. */
export function piping(context: Context, env: Record<string, string> = {}) {
  const timings = new Timings();
  const pipe = (stages: readonly Stage[], options: PipeOptions = {}) =>
    runPipeline(stages, {
      ...options,
      progress(event) {
        timings.observe(event);
        context.progress.forward(event);
        options.progress?.(event);
      },
      line: (text) => passLine(context, text),
      env: { ...env, ...options.env },
      quiet: context.quiet,
      signal: context.signal,
    });
  return { context, timings, pipe };
}

/** Warnings of a stage are ours; other lines are notes. */
function passLine(context: Context, line: string): void {
  const warning = /^aot-[a-z]+: warning: (.*)$/.exec(line)?.[1];
  if (warning === undefined) context.note(line);
  else context.warn(warning);
}

/** The variables by which apt and our own client both know a proxy; never in an argument, since it may hold a password. */
const proxyEnvironment = (proxy: string | undefined): Record<string, string> =>
  proxy === undefined ? {} : { http_proxy: proxy, https_proxy: proxy };

/** Where trees are put together: beside the package cache, whose files they are links to. */
export const workParent = (cachedir: string, workdir: string | undefined): string =>
  workdir ?? cachePaths(cachedir).tmp;
