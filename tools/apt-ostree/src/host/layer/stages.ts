import type { Context } from '@apt-ostree/cli';
import { type PackagesManifest, parseManifest, type ScriptRun } from '@apt-ostree/manifest';
import type { Treefile } from '@apt-ostree/treefile';
import { type Session, sessionOf } from '../../compose/session.ts';
import { flag } from '../../compose/stage-arguments.ts';

/** Seconds for which indices count as fresh where a command is not about upgrades. */
export const FRESH = 4 * 3600;

export interface LayerStages {
  session: Session;
  /** Root of the system whose archives count. */
  system: string;
  offline: boolean;
  /** Look for newer indices also where those that are there are fresh. */
  refresh: boolean;
}

export const openStages = (
  treefile: Record<string, unknown>,
  cachedir: string,
  context: Context,
  options: Omit<LayerStages, 'session'>,
): LayerStages => {
  const parts = { treefile: treefile as Treefile, sourceRoot: '.', cachedir, stage: [], after: [] };
  return { session: sessionOf(parts, context), ...options };
};

export interface ResolveRequest {
  treefile: string;
  base: string;
  /** Files of packages. */
  debs: readonly string[];
  remove: readonly string[];
  replace: readonly string[];
}

/** What is to be added to the base. */
export async function resolveLayer(stages: LayerStages, request: ResolveRequest): Promise<PackagesManifest> {
  const { session, system, offline, refresh } = stages;
  const args = [
    ...['--cachedir', session.cachedir, '--system', system, '--base', request.base],
    ...flag('deb', request.debs),
    ...flag('remove', request.remove),
    ...flag('replace', request.replace),
    ...flag('cache-only', offline),
    ...(refresh ? [] : flag('max-age', String(FRESH))),
    request.treefile,
  ];
  const text = await session.pipe(session.chosen.stages('resolve', args));
  return parseManifest(text, ['aot.packages/v1'], 'aot-resolve');
}

/** Downloads the packages, and imports nothing. */
export async function fetchLayer(stages: LayerStages, packages: PackagesManifest): Promise<void> {
  await stages.session.pipe(stages.session.chosen.stages('fetch', fetchArguments(stages)), {
    input: JSON.stringify(packages),
  });
}

const fetchArguments = ({ session, system, offline }: LayerStages): string[] => [
  ...['--cachedir', session.cachedir, '--system', system, '--have', `${session.cachedir}/repo`],
  ...flag('offline', offline),
];

export interface TreeOptions {
  /** Where the tree is made; what is left of it stays there. */
  rootfs: string;
  /** Where the base is checked out. */
  baseTree: string;
  /** A file with the numbers that users and groups have on the machine. */
  accounts: string;
  /** Packages may replace files of others. */
  overwrite: boolean;
  /** The repository that gets the commit. */
  repo: string;
}

export interface Made {
  commit: string;
  scripts: ScriptRun[];
}

/** Fetches, unpacks over the base, configures and commits: all programs start at once, each waits for the one before. */
export async function makeLayer(stages: LayerStages, packages: PackagesManifest, options: TreeOptions): Promise<Made> {
  const { chosen, cachedir, pipe } = stages.session;
  const { rootfs, baseTree, accounts, overwrite, repo } = options;
  const cache = ['--cachedir', cachedir];
  const configuring = [...cache, '--no-configured-cache'];
  const all = [
    ...chosen.stages('fetch', fetchArguments(stages)),
    ...chosen.stages('unpack', [...configuring, '--rootfs', rootfs, '--base-tree', baseTree]),
    ...chosen.stages('sandbox', [...configuring, '--accounts', accounts, ...flag('force-replacefiles', overwrite)]),
    ...chosen.stages('commit', [...cache, '--repo', repo, '--consume', '--leave', '--force']),
  ];
  const outputs = new Map<string, string>();
  const text = await pipe(all, {
    input: JSON.stringify(packages),
    output: (stage, written) => outputs.set(stage.name, written),
  });
  const { scripts } = parseManifest(outputs.get('sandbox') ?? '', ['aot.rootfs/v1'], 'aot-sandbox');
  return { commit: parseManifest(text, ['aot.commit/v1'], 'aot-commit').commit, scripts };
}
