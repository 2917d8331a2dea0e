import {
  type AptRoot,
  aptRoot,
  aptVersion,
  describeSources,
  excluded,
  holdRoot,
  indexFiles,
  isComplete,
  machineArchitecture,
  PackageIndex,
  type Pin,
  prepareRoot,
  type RootOptions,
  solve,
  sourcesOf,
  updateIndices,
} from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { cachePaths, defaultCachedir, type PackagesManifest } from '@apt-ostree/manifest';
import { span } from '@apt-ostree/run';
import { loadTreefile, type Treefile } from '@apt-ostree/treefile';
import { build } from './build.ts';
import { aptWords } from './check-wanted.ts';
import type { Resolved } from './resolved.ts';
import { recall, remember, solutionKey } from './solution-cache.ts';
import { type Wanted, wantedPackages } from './wanted.ts';

interface Args {
  treefile: string;
  cachedir: string | undefined;
  'source-root': string | undefined;
  lockfile: string[];
  'lockfile-strict': boolean;
  'cache-only': boolean;
  architecture: string | undefined;
}

/** The work of aot-resolve. */
export async function resolve(args: Args, context: Context): Promise<PackagesManifest> {
  const architecture = args.architecture ?? (await machineArchitecture());
  const loaded = await loadTreefile(args.treefile, { architecture });
  const { treefile, inputs } = loaded;
  const sourceRoot = args['source-root'] ?? loaded.sourceRoot;
  const resolved = await resolveTreefile(treefile, sourceRoot, architecture, args, context);
  return { kind: 'aot.packages/v1', treefile, inputs, ...resolved };
}

async function resolveTreefile(
  treefile: Treefile,
  sourceRoot: string,
  architecture: string,
  args: Args,
  context: Context,
): Promise<Resolved> {
  const wanted = wantedPackages(treefile);
  const cachedir = args.cachedir ?? defaultCachedir();
  const sources = await sourcesOf(treefile, sourceRoot);
  context.note(describeSources(treefile, sources));
  const options: RootOptions = { architectures: [architecture, ...foreign(wanted, architecture)], cachedir };
  const root = aptRoot(sources, options);
  const held = await holdRoot(root);
  try {
    await refresh(root, options, args['cache-only'], context);
    const apt = await aptVersion();
    const key = solutionKey(root, treefile, apt, null);
    const known = recall(cachedir, key);
    if (known !== undefined) return known;
    const resolved = await solveAnew(root, treefile, wanted, apt, cachedir, context);
    remember(cachedir, key, resolved);
    return resolved;
  } finally {
    await held.release();
  }
}

/** Architectures that the treefile names besides the tree's own. */
const foreign = (wanted: readonly Wanted[], native: string): string[] =>
  [...new Set(wanted.flatMap((w) => w.architecture ?? []))]
    .filter((a) => a !== native && a !== 'all' && a !== 'any')
    .sort();

async function refresh(root: AptRoot, options: RootOptions, cacheOnly: boolean, context: Context): Promise<void> {
  if (cacheOnly) {
    if (isComplete(root)) return;
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

async function solveAnew(
  root: AptRoot,
  treefile: Treefile,
  wanted: readonly Wanted[],
  apt: string,
  cachedir: string,
  context: Context,
): Promise<Resolved> {
  const phase = context.progress.phase('solve', wanted.length);
  const files = await indexFiles(root);
  const index = await span('phase', 'read indices', async () => new PackageIndex(files));
  const asked = aptWords(wanted, index);
  const solution = await solve(
    root,
    {
      words: [...new Set([...asked, ...essentialNames(index, root.architectures[0] ?? '')])],
      pins: pinsOf(treefile, index, wanted),
      recommends: treefile.recommends !== false,
      tmp: cachePaths(cachedir).tmp,
    },
    context.signal,
  );
  const resolved = build(root, files, index, solution, wanted, apt);
  phase.end();
  return resolved;
}

/** Essential packages are part of every system. See Debian policy section 3.8. */
const essentialNames = (index: PackageIndex, native: string): string[] =>
  index
    .withLine('Essential: yes')
    .filter(({ stanza }) => [native, 'all'].includes(stanza.get('Architecture') ?? ''))
    .map(({ stanza }) => stanza.get('Package') ?? '')
    .sort();

function pinsOf(treefile: Treefile, index: PackageIndex, wanted: readonly Wanted[]): Pin[] {
  const names = treefile['exclude-packages'] ?? [];
  const pins = names.map(excluded);
  // The trees are born with a merged /usr: the package that converts a running system has nothing to do there.
  const usrmerge = index.has('usr-is-merged') && !wanted.some((w) => w.name === 'usrmerge');
  return usrmerge ? [...pins, excluded('usrmerge')] : pins;
}
