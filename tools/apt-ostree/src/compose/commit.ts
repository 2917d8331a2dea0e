import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { parseManifest, serialize } from '@apt-ostree/manifest';
import type { CommitCommandArgs } from './commit.command.ts';
import { requireWritable } from './files.ts';
import { finishCommit } from './finish-commit.ts';
import { judge } from './made.ts';
import { readManifestBeside } from './manifest-beside.ts';
import { retarget } from './retarget.ts';
import { sessionOf } from './session.ts';
import { commitArguments } from './stage-arguments.ts';

/** `compose commit`: aot-commit on a tree that `compose install` made. */
export async function commit(args: CommitCommandArgs, context: Context): Promise<string> {
  if (args.repo === undefined) throw new AotError('usage', 'option --repo must be specified');
  requireWritable(args);
  const given = readManifestBeside(args.rootfs);
  const { manifest, treefile, sourceRoot } = await retarget(given, args.treefile);
  const session = sessionOf({ ...args, cachedir: given.cachedir, treefile, sourceRoot }, context);
  const stages = session.chosen.stages('commit', [...commitArguments(session, args), '--force']);
  const text = await session.pipe(stages, { input: serialize(await judge(manifest, manifest)) });
  return finishCommit(session, args, parseManifest(text, ['aot.commit/v1'], "stage 'commit'"));
}
