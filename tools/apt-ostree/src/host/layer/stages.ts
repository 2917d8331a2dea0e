import type { Context } from '@apt-ostree/cli';
import { type PackagesManifest, parseManifest, type RootfsManifest } from '@apt-ostree/manifest';
import type { Treefile } from '@apt-ostree/treefile';
import { type Session, sessionOf } from '../../compose/session.ts';
import { flag } from '../../compose/stage-arguments.ts';

/** Seconds for which indices count as fresh where a command is not about upgrades. */
const FRESH = 4 * 3600;

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
  rootfs: string;
  /** A file with the numbers that users and groups have on the machine. */
  accounts: string;
  /** Packages may replace files of others. */
  overwrite: boolean;
}

/** Fetches, unpacks over the base and configures. @returns the manifest of the tree */
export async function makeLayer(
  stages: LayerStages,
  packages: PackagesManifest,
  { rootfs, accounts, overwrite }: TreeOptions,
): Promise<RootfsManifest> {
  const { chosen, cachedir, pipe } = stages.session;
  const cache = ['--cachedir', cachedir, '--no-configured-cache'];
  const text = await pipe(
    [
      ...chosen.stages('fetch', fetchArguments(stages)),
      ...chosen.stages('unpack', [...cache, '--rootfs', rootfs]),
      ...chosen.stages('sandbox', [...cache, '--accounts', accounts, ...flag('force-replacefiles', overwrite)]),
    ],
    { input: JSON.stringify(packages) },
  );
  return parseManifest(text, ['aot.rootfs/v1'], 'aot-sandbox');
}

/** Commits the tree, which ends it. @returns the commit */
export async function commitLayer(stages: LayerStages, tree: RootfsManifest, repo: string): Promise<string> {
  const { chosen, cachedir, pipe } = stages.session;
  const args = ['--cachedir', cachedir, '--repo', repo, '--consume', '--force'];
  const text = await pipe(chosen.stages('commit', args), { input: JSON.stringify(tree) });
  return parseManifest(text, ['aot.commit/v1'], 'aot-commit').commit;
}
