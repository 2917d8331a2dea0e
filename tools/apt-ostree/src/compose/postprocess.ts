import type { Context } from '@apt-ostree/cli';
import { parseManifest, serialize } from '@apt-ostree/manifest';
import { replaceFile } from '@apt-ostree/run';
import { judge, note } from './made.ts';
import { manifestBeside, readManifestBeside } from './manifest-beside.ts';
import type { PostprocessArgs } from './postprocess.command.ts';
import { retarget } from './retarget.ts';
import { sessionOf } from './session.ts';
import { sandboxArguments } from './stage-arguments.ts';
import { onlyPostprocess, withoutPostprocess } from './without-postprocess.ts';

/** `compose postprocess`: aot-sandbox once more, on a tree whose packages are configured. */
export async function postprocess(args: PostprocessArgs, context: Context): Promise<string> {
  const given = readManifestBeside(args.rootfs);
  if (args.treefile === undefined)
    return 'Nothing to post-process: there is no treefile, and the layout is made by compose commit\n';
  const { manifest, treefile, sourceRoot } = await retarget(given, args.treefile);
  const session = sessionOf({ ...args, cachedir: given.cachedir, treefile, sourceRoot }, context);
  const judged = await judge(manifest, { ...manifest, treefile: withoutPostprocess(treefile) });
  const rest = judged.edited === undefined ? onlyPostprocess(treefile) : treefile;
  const stages = session.chosen.stages('sandbox', sandboxArguments(session));
  const text = await session.pipe(stages, { input: serialize({ ...judged, treefile: rest }) });
  const done = { ...parseManifest(text, ['aot.rootfs/v1'], "stage 'sandbox'"), treefile };
  replaceFile(manifestBeside(args.rootfs), serialize(await note(done, done)));
  return `Post-processed: ${args.rootfs}\n`;
}
