import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { replaceFile } from '@apt-ostree/run';
import { piping } from '../session.ts';
import { compareBuilds, readBuild } from './builds.ts';
import type { EncapsulateArgs } from './encapsulate.command.ts';
import { exportStage } from './export-stage.ts';
import { contentMetadata, imageReport, readImage } from './report.ts';

/** `compose container-encapsulate`: a commit with its repository, as an image. */
export async function encapsulate(args: EncapsulateArgs, context: Context): Promise<string> {
  const { repo, ref, 'compare-with-build': compare, 'write-contentmeta-json': contentmeta } = args;
  if (repo === undefined) throw new AotError('usage', 'option --repo must be specified');
  const before = compare === undefined ? undefined : await readBuild(compare, args, context);
  const previous = args['previous-build-manifest'];
  const stage = exportStage(args, { output: args.image, format: 'encapsulated', previous, repo, ref });
  const image = readImage(await piping(context).pipe([stage]));
  if (contentmeta !== undefined) replaceFile(contentmeta, contentMetadata(image));
  return imageReport(image) + (before === undefined ? '' : compareBuilds(before, image));
}
