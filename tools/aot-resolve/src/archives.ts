import {
  type AptRoot,
  aptRoot,
  isComplete,
  lockfileSourcesOf,
  prepareRoot,
  type RootOptions,
  sourcesOf,
  systemSources,
  updateIndices,
} from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { Treefile } from '@apt-ostree/treefile';
import type { Base } from './layer/base.ts';
import type { Locks } from './locks.ts';
import { type Wanted, wantedPackages } from './wanted.ts';

/** The private root of a treefile's archives, and what it was opened for. */
export interface Archives {
  root: AptRoot;
  options: RootOptions;
  wanted: Wanted[];
  /** Ids of the sources that only locked packages may come from. */
  lockfileOnly: ReadonlySet<string>;
}

/**
 * Finds the archives of a system, or of the treefile without one, for what is layered on a base; where nothing is asked of
 * a system's it may have none.
 */
export async function openSystem(
  treefile: Treefile,
  base: Base,
  cachedir: string,
  sourceRoot: string,
  system: string | undefined,
): Promise<Archives> {
  const wanted = wantedPackages(treefile);
  const isAsked = wanted.length > 0 || system === undefined;
  const sources = isAsked ? await sourcesOf(treefile, sourceRoot, system) : systemSources(system);
  const named = wanted.flatMap((w) => w.architecture ?? []).filter((a) => a !== 'all' && a !== 'any');
  const architectures = [...new Set([...base.architectures, ...named])];
  const options = { architectures, cachedir, status: base.status, ...(system === undefined ? {} : { system }) };
  return { root: aptRoot(sources, options), options, wanted, lockfileOnly: new Set() };
}

/** Finds the archives of a treefile; `lockfile-repos` take part only where there is a lock. */
export async function openArchives(
  treefile: Treefile,
  sourceRoot: string,
  architecture: string,
  cachedir: string,
  locks: Locks,
): Promise<Archives> {
  const wanted = wantedPackages(treefile);
  const own = await sourcesOf(treefile, sourceRoot);
  const extra = locks.manifests.length > 0 ? await lockfileSourcesOf(treefile, sourceRoot) : [];
  const known = new Set(own.map((s) => s.id));
  const lockfileOnly = new Set(extra.map((s) => s.id).filter((id) => !known.has(id)));
  const options = { architectures: [architecture, ...foreign(wanted, locks, architecture)], cachedir };
  const sources = [...own, ...extra.filter((s) => lockfileOnly.has(s.id))];
  return { root: aptRoot(sources, options), options, wanted, lockfileOnly };
}

/** Architectures that the treefile or a lock names besides the tree's own. */
function foreign(wanted: readonly Wanted[], locks: Locks, native: string): string[] {
  const named = [...wanted, ...locks.packages.values()].flatMap((w) => w.architecture ?? []);
  return [...new Set(named)].filter((a) => a !== native && a !== 'all' && a !== 'any').sort();
}

/** Brings the indices up to date, or makes sure that there are some. */
export async function refresh(archives: Archives, cacheOnly: boolean, context: Context): Promise<void> {
  const { root, options, wanted } = archives;
  if (root.sources.length === 0) return;
  if (cacheOnly) {
    if (isComplete(root) || (wanted.length === 0 && options.system !== undefined)) return;
    throw new AotError(
      'unavailable',
      'cannot resolve without the network: the indices of these archives were never fetched',
      {
        code: 'nothing-cached',
        hint: 'run the command once without --cache-only',
      },
    );
  }
  const phase = context.progress.phase('index', root.sources.length);
  await prepareRoot(root, options);
  for (const warning of await updateIndices(root, context.signal)) context.warn(warning);
  phase.end();
}
