import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { inputHash, type PackagesManifest } from '@apt-ostree/manifest';
import { layerChecksums } from '@apt-ostree/ostree';
import { replaceFile } from '@apt-ostree/run';
import { touch } from '../files.ts';
import { type Resolved, resolve } from '../resolve.ts';
import { openSession, type Session } from '../session.ts';
import { commitArguments, sandboxArguments } from '../stage-arguments.ts';
import { treeStages } from '../tree-stages.ts';
import { withWorkingTree } from '../working-tree.ts';
import { type Build, findBuild } from './builds.ts';
import { exportStage } from './export-stage.ts';
import type { ImageArgs } from './image.command.ts';
import { imageReport, readImage } from './report.ts';

/** `compose image`: from a treefile to an image; the commit in between is nobody's. */
export async function image(args: ImageArgs, context: Context): Promise<string> {
  const output = reference(args);
  const before = await imageBefore(output, args, context);
  const session = await openSession(args, context);
  const resolved = await resolve(session, { ...args, 'cache-only': args.offline });
  if (args['write-lockfile-to'] !== undefined) replaceFile(args['write-lockfile-to'], resolved.text);
  const hash = await hashOf(resolved.manifest, args['layer-repo']);
  if (!args['force-nocache'] && before?.labels[INPUT_HASH] === hash) return `Input state hash: ${hash}\n${UNCHANGED}`;
  const made = readImage(await compose(session, args, resolved, output));
  if (args['touch-if-changed'] !== undefined) touch(args['touch-if-changed']);
  context.note(`Time: ${session.timings.summary()}`);
  return `Input state hash: ${hash}\n${imageReport(made)}`;
}

const INPUT_HASH = 'io.github.apt-ostree.inputhash';
const UNCHANGED = 'No apparent changes since previous image; use --force-nocache to override\n';

const TRANSPORT = { ociarchive: 'oci-archive', oci: 'oci', registry: 'registry' };

const reference = (args: ImageArgs): string => `${TRANSPORT[args.format as keyof typeof TRANSPORT]}:${args.output}`;

/** The image that is there now, as far as it counts. */
async function imageBefore(output: string, args: ImageArgs, context: Context): Promise<Build | undefined> {
  const mode = args.initialize ? 'always' : args['initialize-mode'];
  if (mode === 'always') return undefined;
  const before = await findBuild(output, args, context);
  if (mode !== 'never' || before !== undefined) return before;
  throw new AotError('noInput', `cannot find the image '${args.output}'`, {
    hint: '--initialize makes the first one',
  });
}

const hashOf = async (manifest: PackagesManifest, layerRepo: string | undefined): Promise<string> =>
  inputHash(manifest, layerRepo === undefined ? [] : await layerChecksums(layerRepo, manifest.treefile));

function compose(session: Session, args: ImageArgs, resolved: Resolved, output: string): Promise<string> {
  const work = { workdir: undefined, 'keep-workdir': args['keep-workdir'] };
  return withWorkingTree(session, work, (rootfs) => {
    const commit = { ...COMMIT, repo: join(rootfs, '../repo'), 'layer-repo': args['layer-repo'] };
    const options = { output, format: args.encapsulated ? 'encapsulated' : 'plain' } as const;
    const stages = [
      ...treeStages(session, { rootfs, offline: args.offline }),
      ...session.chosen.stages('sandbox', sandboxArguments(session)),
      ...session.chosen.stages('commit', [...commitArguments(session, commit), '--force']),
      exportStage({ ...args, cachedir: session.cachedir }, { ...options, 'retry-times': args['copy-retry-times'] }),
    ];
    return session.pipe(stages, { input: resolved.text });
  });
}

const COMMIT = { 'add-metadata-string': [], 'no-parent': true, 'strict-var': false };
