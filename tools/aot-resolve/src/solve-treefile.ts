import { indexFiles, PackageIndex, prepareRoot, solve } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { cachePaths } from '@apt-ostree/manifest';
import { span, sweep } from '@apt-ostree/run';
import type { Treefile } from '@apt-ostree/treefile';
import { aptWords } from './apt-words.ts';
import type { Archives } from './archives.ts';
import { Blockers } from './blockers.ts';
import { build } from './build.ts';
import { essentialNames } from './essential-names.ts';
import type { Locks } from './locks.ts';
import { pinsOf } from './pins-of.ts';
import type { Resolved } from './resolved.ts';
import { settleVirtual } from './settle-virtual.ts';

/** Lets apt solve what a treefile asks for, from indices that are there and verified. */
export async function solveTreefile(
  archives: Archives,
  treefile: Treefile,
  locks: Locks,
  apt: string,
  context: Context,
): Promise<Resolved> {
  const { root, options } = archives;
  const phase = context.progress.phase('solve', archives.wanted.length);
  await prepareRoot(root, options);
  const files = await indexFiles(root);
  const index = await span('phase', 'read indices', async () => new PackageIndex(files));
  const blockers = new Blockers();
  const wanted = settleVirtual(archives.wanted, index, blockers);
  const essential = essentialNames(index, root.architectures[0] ?? '', treefile);
  const request = {
    words: [...new Set([...aptWords(wanted, index, root.architectures, blockers), ...essential])],
    pins: pinsOf(treefile, index, archives, locks),
    recommends: treefile.recommends !== false,
    tmp: cachePaths(options.cachedir).tmp,
  };
  await sweep(request.tmp);
  const solution = await blockers.solve(() => solve(root, request, context.signal));
  const resolved = build(root, files, index, solution, wanted, apt);
  phase.end();
  return resolved;
}
