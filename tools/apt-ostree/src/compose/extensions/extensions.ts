import { machine } from 'node:os';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { cachePaths, defaultCachedir, type PackageItem } from '@apt-ostree/manifest';
import { sweep, temporaryDirectory } from '@apt-ostree/run';
import { type Extensions, type LoadedTreefile, loadExtensions, loadTreefile } from '@apt-ostree/treefile';
import { touch } from '../files.ts';
import { sessionOf } from '../session.ts';
import { type Base, openBase } from './base.ts';
import type { ExtensionsArgs } from './command.ts';
import { publish } from './output.ts';
import { download, resolveAlone, resolveOn } from './packages.ts';
import { requestsOf } from './requests.ts';
import { stateOf } from './state.ts';
import { prepareTreefile } from './treefile.ts';

/** `compose extensions`: packages beside a base. */
export async function composeExtensions(args: ExtensionsArgs, context: Context): Promise<string> {
  const output = args['output-dir'];
  if (output === undefined)
    throw new AotError('usage', 'option --output-dir must be specified', { hint: 'say where the packages go' });
  const loaded = await loadTreefile(args.treefile, { architecture: machine() });
  const extensions = loadExtensions(args.extensions, String(loaded.treefile.basearch ?? machine()));
  const cachedir = args.cachedir ?? defaultCachedir();
  const { tmp } = cachePaths(cachedir);
  await sweep(tmp);
  const scratch = await temporaryDirectory(tmp);
  try {
    const base = await openBase(args, loaded.treefile.ref, cachedir, scratch.path);
    return await compose({ loaded, extensions, base, cachedir, scratch: scratch.path, output }, args, context);
  } finally {
    await scratch.remove();
  }
}

interface Work {
  loaded: LoadedTreefile;
  extensions: Extensions;
  base: Base;
  cachedir: string;
  scratch: string;
  output: string;
}

async function compose(work: Work, args: ExtensionsArgs, context: Context): Promise<string> {
  const { loaded, extensions, base, cachedir, scratch, output } = work;
  const sourceRoot = join(scratch, 'sources');
  const parts = { treefile: {} as LoadedTreefile['treefile'], sourceRoot, cachedir, stage: [], after: [] };
  const session = sessionOf(parts, context);
  const write = prepareTreefile(loaded, extensions, sourceRoot);
  const onBase = requestsOf(extensions.extensions, 'os-extension', base);
  const alone = requestsOf(extensions.extensions, 'development', base);
  const resolved = [
    ...(onBase.length > 0 ? [await resolveOn(session, write('base.json', onBase), base.commit)] : []),
    ...(alone.length > 0 ? [await resolveAlone(session, write('alone.json', alone), alone)] : []),
  ];
  const packages = new Map<string, PackageItem>();
  for (const item of resolved.flatMap((m) => m.packages)) packages.set(item.sha256, item);
  const state = stateOf(extensions.extensions, [...packages.values()]);
  if (state.isIn(output)) return 'No apparent changes since the previous extensions.\n';
  for (const manifest of resolved) await download(session, manifest);
  publish(output, state, cachedir);
  if (args['touch-if-changed'] !== undefined) touch(args['touch-if-changed']);
  return `Wrote: ${packages.size} packages of ${Object.keys(extensions.extensions).length} extensions to ${output}\n`;
}
