import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { parseManifest, type ScriptRun } from '@apt-ostree/manifest';
import { makeDirectories } from '@apt-ostree/run';
import { authorOf } from './author.ts';
import { differences, listing } from './listing.ts';
import type { Resolved } from './resolve.ts';
import type { Session } from './session.ts';
import { type CommitArgs, commitArguments, sandboxArguments } from './stage-arguments.ts';
import { treeStages } from './tree-stages.ts';
import { type WorkArgs, withWorkingTree } from './working-tree.ts';

type CheckArgs = CommitArgs & WorkArgs & { 'cache-only': boolean };

/** What must not show in a tree: the environment of the second run differs in all of it, and its clock goes on. */
const ELSEWHERE = { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', HOSTNAME: 'elsewhere' };

interface Attempt {
  commit: string;
  contentChecksum: string;
  scripts: ScriptRun[];
}

/**
 * `--check-reproducible`: configures the tree twice, the second time elsewhere and without a configured tree from the
 * cache, and compares what would be committed.
 * @throws AotError `failed`, naming every path that differs with the script that wrote it
 */
export async function checkReproducible(session: Session, args: CheckArgs, resolved: Resolved): Promise<void> {
  const paths = await withWorkingTree(session, args, async (tree) => {
    const repo = join(dirname(tree), 'repo');
    const first = await attempt(session, args, resolved, { tree: `${tree}.1`, repo, again: false });
    await nextSecond();
    const second = await attempt(session, args, resolved, { tree: `${tree}.2`, repo, again: true });
    if (first.contentChecksum === second.contentChecksum) return [];
    const found = differences(await listing(repo, first.commit), await listing(repo, second.commit));
    return found.map((path) => `${path} (${authorOf(path, second.scripts)})`);
  });
  for (const path of paths) session.context.note(`differs: ${path}`);
  if (paths.length > 0) throw notReproducible(paths);
  session.context.note('Reproducible: two configured trees are the same.');
}

interface Place {
  tree: string;
  repo: string;
  /** The second run. */
  again: boolean;
}

async function attempt(session: Session, args: CheckArgs, resolved: Resolved, place: Place): Promise<Attempt> {
  const { again, repo, tree } = place;
  if (!existsSync(repo)) makeDirectories(dirname(repo));
  const uncached = again ? ['--no-configured-cache'] : [];
  const commit = commitArguments(session, {
    ...args,
    repo,
    parent: undefined,
    'no-parent': true,
    'write-commitid-to': undefined,
  });
  const stages = [
    ...treeStages(session, { rootfs: tree, offline: args['cache-only'], uncached: again }),
    ...session.chosen.stages('sandbox', [...sandboxArguments(session), ...uncached]),
    ...session.chosen.stages('commit', [...commit, ...(args['force-nocache'] ? [] : ['--force'])]),
  ];
  let scripts: ScriptRun[] = [];
  const text = await session.pipe(stages, {
    input: resolved.text,
    env: again ? ELSEWHERE : {},
    output: (stage, written) => {
      if (stage.name === 'sandbox') scripts = parseManifest(written, ['aot.rootfs/v1'], "stage 'sandbox'").scripts;
    },
  });
  return { ...parseManifest(text, ['aot.commit/v1'], "stage 'commit'"), scripts };
}

/** Times in files have seconds at least. */
const nextSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1100));

function notReproducible(paths: readonly string[]): AotError {
  const shown = paths.slice(0, 20).join(', ');
  const more = paths.length > 20 ? ` and ${paths.length - 20} more` : '';
  const count = paths.length === 1 ? '1 path differs' : `${paths.length} paths differ`;
  return new AotError('failed', `the tree is not reproducible: ${count}: ${shown}${more}`, {
    code: 'not-reproducible',
    hint: 'remove them in a post-process script, or report them, so that they are normalised or made at first boot',
  });
}
