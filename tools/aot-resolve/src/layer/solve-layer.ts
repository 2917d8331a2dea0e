import { indexFiles, PackageIndex, prepareRoot, type SolveRequest, solve } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { extendedStates } from '@apt-ostree/dpkg';
import { isAotError } from '@apt-ostree/errors';
import { cachePaths, type LayerBase } from '@apt-ostree/manifest';
import { span, sweep, temporaryDirectory } from '@apt-ostree/run';
import type { Treefile } from '@apt-ostree/treefile';
import { aptWords } from '../apt-words.ts';
import type { Archives } from '../archives.ts';
import { Blockers } from '../blockers.ts';
import { build } from '../build.ts';
import type { Locks } from '../locks.ts';
import { pinsOf } from '../pins-of.ts';
import type { Resolved } from '../resolved.ts';
import { settleVirtual } from '../settle-virtual.ts';
import type { Base } from './base.ts';
import { baseChanges, exceptFor, refuseChanges } from './base-change.ts';
import { fulfilledBy } from './fulfilled.ts';
import { type LocalDeb, namedFiles } from './local.ts';

/** What is layered besides the treefile's packages. */
export interface LayerRequest {
  base: Base;
  /** The image that the base is, of a treefile that starts from one. */
  image: LayerBase['image'];
  locks: Locks;
  local: readonly LocalDeb[];
  /** Names of packages of the base that go. */
  remove: readonly string[];
  /** Names of packages of the base that go when nothing needs them any more. */
  removable: readonly string[];
  /** Names of packages of the base that local files, or the treefile's packages, take the place of. */
  replace: readonly string[];
}

/** Lets apt solve what is to be added to a base. The packages of the base are there already, and stay as they are. */
export async function solveLayer(
  archives: Archives,
  treefile: Treefile,
  layer: LayerRequest,
  apt: string,
  context: Context,
): Promise<Resolved> {
  const { root, options } = archives;
  const { base } = layer;
  const phase = context.progress.phase('solve', archives.wanted.length);
  await prepareRoot(root, options);
  const files = await indexFiles(root);
  const index = await span('phase', 'read indices', async () => new PackageIndex(files));
  const inactive = archives.wanted.flatMap((w) => {
    const by = isLocal(w.name, layer) ? undefined : fulfilledBy(w, base, index);
    return by === undefined ? [] : [{ request: w.text, by: `${by.name}_${by.version}_${by.architecture}` }];
  });
  const idle = new Set(inactive.map(({ request }) => request));
  const blockers = new Blockers();
  const wanted = settleVirtual(
    archives.wanted.filter((w) => !idle.has(w.text) && !isLocal(w.name, layer)),
    index,
    blockers,
  );
  const { tmp } = cachePaths(options.cachedir);
  await sweep(tmp);
  const scratch = await temporaryDirectory(tmp);
  try {
    const words = [
      ...new Set(aptWords(wanted, index, root.architectures, blockers)),
      ...namedFiles(layer.local, scratch.path),
      ...layer.remove.map((name) => `${name}-`),
    ];
    const pins = [BASE_STAYS, ...(layer.image === undefined ? [] : pinsOf(treefile, index, archives, layer.locks))];
    const request: SolveRequest = { words, pins, recommends: treefile.recommends !== false, tmp, ...automatic(layer) };
    const asked = [...wanted.map((w) => w.text), ...layer.local.map(({ item }) => item.name), ...layer.remove];
    const solution = await blockers.solve(() => solveKeeping(archives, request, layer, asked, context));
    const resolved = build(root, files, index, solution, wanted, apt, layer.local);
    phase.end();
    const image = layer.image === undefined ? {} : { image: layer.image };
    return { ...resolved, base: { commit: base.commit, timestamp: base.timestamp, inactive, ...image } };
  } finally {
    await scratch.remove();
  }
}

/** apt takes for automatic only what may go: the rest of the base stays, whatever needs it. */
function automatic({ base, removable }: LayerRequest): { automatic?: string } {
  if (removable.length === 0) return {};
  const marked = [...base.installed.values()].filter(({ name }) => removable.includes(name));
  return { automatic: extendedStates(marked, base.architectures[0] ?? '') };
}

const isLocal = (name: string, { local }: LayerRequest): boolean => local.some(({ item }) => item.name === name);

/** What is installed is preferred to whatever an archive has. See apt_preferences(5). */
const BASE_STAYS = { package: '*', pin: 'release a=now', priority: 1001 };

/**
 * Solves with the base as it is; where that cannot be, finds out what of the base is in the way.
 * @throws AotError as `refuseChanges` and `solve` do
 */
async function solveKeeping(
  { root }: Archives,
  request: SolveRequest,
  layer: LayerRequest,
  asked: readonly string[],
  context: Context,
) {
  if (request.words.length === 0) return { chosen: [], removed: [], plan: [] };
  const allowed = new Set([...layer.remove, ...layer.removable, ...layer.replace]);
  const check = (solution: Awaited<ReturnType<typeof solve>>) => {
    refuseChanges(exceptFor(baseChanges(solution, layer.base), allowed), asked);
    return solution;
  };
  try {
    return check(await solve(root, request, context.signal));
  } catch (error) {
    if (!isAotError(error) || error.code !== 'no-solution') throw error;
    const free = await solve(root, { ...request, pins: [] }, context.signal).catch(() => undefined);
    if (free !== undefined) check(free);
    throw error;
  }
}
