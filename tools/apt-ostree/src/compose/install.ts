import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';
import { inputHash, parseManifest, serialize } from '@apt-ostree/manifest';
import { makeDirectories, replaceFile, run } from '@apt-ostree/run';
import { UNCHANGED } from './commit-report.ts';
import { download } from './download.ts';
import { touch } from './files.ts';
import type { InstallArgs } from './install.command.ts';
import { listPackages } from './list-packages.ts';
import { note } from './made.ts';
import { manifestBeside } from './manifest-beside.ts';
import { printTreefile } from './print-treefile.ts';
import { type Resolved, resolve } from './resolve.ts';
import { openSession, type Session } from './session.ts';
import { sandboxArguments } from './stage-arguments.ts';
import { treeStages } from './tree-stages.ts';
import { withoutPostprocess } from './without-postprocess.ts';
import { withWorkingTree } from './working-tree.ts';

/** `compose install`: from a treefile to a configured tree in DESTDIR/rootfs. */
export async function install(args: InstallArgs, context: Context): Promise<string | undefined> {
  if (args['print-only']) return printTreefile(args.treefile);
  const session = await openSession(args, context);
  const rootfs = join(args.destdir, 'rootfs');
  if (existsSync(rootfs)) throw new AotError('cannotCreate', `cannot create '${rootfs}': it is there already`);
  const resolved = await resolve(session, args);
  if (args['write-lockfile-to'] !== undefined) replaceFile(args['write-lockfile-to'], resolved.text);
  if (args['dry-run']) return `${listPackages(resolved.manifest)}--dry-run complete; exiting\n`;
  if (args['download-only'] || args['download-only-debs']) return download(session, args, resolved);
  if (!args['force-nocache'] && inputHash(resolved.manifest) === args['previous-inputhash']) return UNCHANGED;
  await configure(session, args, resolved, rootfs);
  if (args['touch-if-changed'] !== undefined) touch(args['touch-if-changed']);
  return `Installed to: ${rootfs}\n`;
}

async function configure(session: Session, args: InstallArgs, resolved: Resolved, target: string): Promise<void> {
  await withWorkingTree(session, args, async (rootfs) => {
    const stages = [
      ...treeStages(session, { rootfs, offline: args['cache-only'] }),
      ...session.chosen.stages('sandbox', sandboxArguments(session)),
    ];
    const { treefile } = resolved.manifest;
    const now = args.postprocess ? treefile : withoutPostprocess(treefile);
    const text = await session.pipe(stages, { input: serialize({ ...resolved.manifest, treefile: now }) });
    const manifest = parseManifest(text, ['aot.rootfs/v1'], "stage 'sandbox'");
    await copyTree(manifest.rootfs, target);
    const made = { treefile: now, inputs: manifest.inputs };
    replaceFile(manifestBeside(target), serialize(await note({ ...manifest, treefile, rootfs: target }, made)));
  });
}

/** Copies instead of moving: the files of the working tree are links to the package cache, and this tree is for editing. */
async function copyTree(from: string, to: string): Promise<void> {
  const temporary = `${to}.${process.pid}.tmp`;
  try {
    makeDirectories(dirname(to));
    await run('cp', ['--archive', '--reflink=auto', '--', from, temporary], { what: `cannot write '${to}'` });
    renameSync(temporary, to);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw explain(error, `cannot write '${to}'`);
  }
}
