import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { parseManifest } from '@apt-ostree/manifest';
import { checkOut } from './image/check-out.ts';
import { resolve } from './resolve.ts';
import type { RootfsArgs } from './rootfs.command.ts';
import { openSession } from './session.ts';
import { commitArguments, sandboxArguments } from './stage-arguments.ts';
import { treeStages } from './tree-stages.ts';
import { withWorkingTree } from './working-tree.ts';

/** `compose rootfs`: a commit that nobody keeps, checked out as the root of a container image. */
export async function rootfs(args: RootfsArgs, context: Context): Promise<string> {
  if (existsSync(args.destination))
    throw new AotError('cannotCreate', `cannot create '${args.destination}': it is there already`);
  const session = await openSession(args, context);
  const resolved = await resolve(session, { ...args, 'cache-only': false, 'lockfile-strict': false });
  await withWorkingTree(session, { workdir: undefined, 'keep-workdir': args['keep-workdir'] }, async (tree) => {
    const repo = args['ostree-repo'] ?? join(tree, '../repo');
    const commit = commitArguments(session, { ...COMMIT, repo });
    const stages = [
      ...treeStages(session, { rootfs: tree, offline: false }),
      ...session.chosen.stages('sandbox', sandboxArguments(session)),
      ...session.chosen.stages('commit', [...commit, '--force']),
    ];
    const text = await session.pipe(stages, { input: resolved.text });
    await checkOut(repo, parseManifest(text, ['aot.commit/v1'], "stage 'commit'").commit, args.destination);
  });
  session.context.note(`Time: ${session.timings.summary()}`);
  return `Wrote: ${args.destination}\n`;
}

const COMMIT = { 'add-metadata-string': [], 'no-parent': true, 'strict-var': false };
