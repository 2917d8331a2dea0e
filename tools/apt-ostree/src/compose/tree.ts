import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { givenEpoch, type PackagesManifest, parseManifest } from '@apt-ostree/manifest';
import { replaceFile } from '@apt-ostree/run';
import { hashOf, previousRevision, unchanged, withPrevious } from './changed.ts';
import { checkReproducible } from './check-reproducible.ts';
import { UNCHANGED } from './commit-report.ts';
import { download } from './download.ts';
import { EarlyStages } from './early-stages.ts';
import { requireWritable } from './files.ts';
import { finishCommit } from './finish-commit.ts';
import { treeImage } from './image/tree-image.ts';
import { listPackages } from './list-packages.ts';
import { printTreefile } from './print-treefile.ts';
import { type Resolved, resolve } from './resolve.ts';
import { openSession, type Session } from './session.ts';
import { commitArguments, sandboxArguments } from './stage-arguments.ts';
import type { TreeArgs } from './tree.command.ts';
import { treeStages } from './tree-stages.ts';
import { withWorkingTree } from './working-tree.ts';

/** What is printed at the end. */
type Text = string | undefined;

/** `compose tree`: from a treefile to a commit. */
export async function tree(args: TreeArgs, context: Context): Promise<Text> {
  if (args['print-only']) return printTreefile(args.treefile);
  checkCombination(args);
  requireWritable(args);
  givenEpoch();
  const session = await openSession(args, context);
  const stages = treeAndCommit(session, args);
  try {
    const resolved = await resolve(session, args, () => mayStartEarly(session, args) && stages.start());
    return await from(resolved, stages, session, args);
  } finally {
    await stages.drop();
  }
}

async function from(resolved: Resolved, stages: EarlyStages, session: Session, args: TreeArgs): Promise<Text> {
  if (args['write-lockfile-to'] !== undefined) replaceFile(args['write-lockfile-to'], resolved.text);
  if (args['dry-run']) return `${listPackages(resolved.manifest)}--dry-run complete; exiting\n`;
  if (args['download-only'] || args['download-only-debs']) return download(session, args, resolved);
  if (args['check-reproducible']) await checkReproducible(session, args, resolved);
  if (args.repo === undefined) return undefined;
  requireRef(args, resolved.manifest);
  const hash = await hashOf({ ...args, repo: args.repo }, resolved.manifest);
  const said = `Input state hash: ${hash}\n`; // held back: a failure prints nothing there
  if (!args['force-nocache'] && (await unchanged(args, resolved.manifest, hash)))
    return said + UNCHANGED + (await asImage(session, args, previousRevision(args, resolved.manifest)));
  const commit = parseManifest(await stages.finish(resolved.text), ['aot.commit/v1'], "stage 'commit'");
  return said + (await finishCommit(session, args, commit)) + (await asImage(session, args, commit.commit));
}

/** Nothing but a commit is asked for. */
const isPlain = (args: TreeArgs): boolean =>
  !args['check-reproducible'] && !args['dry-run'] && !args['download-only'] && !args['download-only-debs'];

function checkCombination(args: TreeArgs): void {
  if (isPlain(args) && args.repo === undefined)
    throw new AotError('usage', 'option --repo must be specified', {
      hint: 'name the OSTree repository that gets the commit',
    });
  if (args['no-parent'] && args.parent !== undefined)
    throw new AotError('usage', 'cannot specify both --parent and --no-parent');
}

/** A commit that nothing names is gone with the next `ostree prune`. */
function requireRef(args: TreeArgs, { treefile }: PackagesManifest): void {
  if (treefile['ref'] !== undefined || args['write-commitid-to'] !== undefined) return;
  throw new AotError('config', `cannot commit '${args.treefile}': it has no 'ref'`, {
    code: 'no-ref',
    hint: "give it one, as in 'ref: debian/13/amd64/NAME', or have the commit's checksum written with --write-commitid-to",
  });
}

/** Our own aot-commit need not copy a tree that is thrown away afterwards. */
const consume = (session: Session, args: TreeArgs): string[] =>
  session.chosen.program('commit').own && !args['keep-workdir'] ? ['--consume'] : [];

/** Programs of others may not expect to wait, and a directory that is kept should have something in it. */
const mayStartEarly = ({ chosen }: Session, args: TreeArgs): boolean =>
  isPlain(args) &&
  !args['keep-workdir'] &&
  (['fetch', 'unpack', 'sandbox', 'commit'] as const).every(
    (name) => chosen.program(name).own && chosen.after(name).length === 0,
  );

/** From what was resolved to the commit. */
const treeAndCommit = (session: Session, args: TreeArgs): EarlyStages =>
  new EarlyStages((input) =>
    withWorkingTree(session, args, async (rootfs) =>
      session.pipe(
        [
          ...treeStages(session, { rootfs, offline: args['cache-only'] }),
          ...session.chosen.stages('sandbox', sandboxArguments(session)),
          ...session.chosen.stages('commit', [
            ...commitArguments(session, await withPrevious(args)),
            ...consume(session, args),
          ]),
        ],
        { input },
      ),
    ),
  );

/** A commit that did not change may have no image yet. */
const asImage = async (session: Session, { container, repo }: TreeArgs, rev: string | undefined): Promise<string> =>
  container === undefined || repo === undefined || rev === undefined ? '' : treeImage(session, container, repo, rev);
