import { isAbsolute, resolve } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { configureKey, type RootfsManifest, type ScriptRun } from '@apt-ostree/manifest';
import { type KnownAccounts, readKnown } from './accounts/known.ts';
import { configureTree } from './configure-tree.ts';
import { finishTree } from './finish-tree.ts';

export interface ConfigureArgs {
  cachedir: string | undefined;
  'source-root': string;
  'script-timeout': string;
  'no-configured-cache': boolean;
  'force-replacefiles': boolean;
  accounts: string | undefined;
  log: string | undefined;
  keep: boolean;
}

/** What the steps have in common. */
export interface Job {
  manifest: RootfsManifest;
  rootfs: string;
  cachedir: string;
  sourceRoot: string;
  /** Seconds. */
  timeout: number;
  log: string | undefined;
  keep: boolean;
  /** Files of other packages may be replaced. */
  overwrite: boolean;
  /** Numbers that users and groups have on the machine. */
  accounts: KnownAccounts | undefined;
  context: Context;
}

/**
 * Reads a tree's manifest, configures it where it is not yet, edits and post-processes it, and returns the manifest of the
 * configured tree.
 */
export async function configure(args: ConfigureArgs, context: Context): Promise<RootfsManifest> {
  const timeout = seconds(args['script-timeout']);
  const manifest = await context.readManifest('aot.rootfs/v1');
  const cachedir = args.cachedir ?? manifest.cachedir;
  const job: Job = {
    ...{ manifest, timeout, cachedir, context },
    ...{ rootfs: resolve(manifest.rootfs), sourceRoot: resolve(args['source-root']), log: args.log, keep: args.keep },
    overwrite: args['force-replacefiles'],
    accounts: args.accounts === undefined ? undefined : readKnown(args.accounts),
  };
  const scripts = manifest.state === 'configured' ? manifest.scripts : await configureTree(job);
  const store = manifest.state === 'unpacked' && !args['no-configured-cache'];
  return result(job, await finishTree(job, scripts, store ? configureKey(manifest) : undefined));
}

const result = ({ manifest, cachedir }: Job, scripts: ScriptRun[]): RootfsManifest => ({
  ...manifest,
  cachedir: isAbsolute(cachedir) ? cachedir : resolve(cachedir),
  state: 'configured',
  scripts,
});

function seconds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new AotError('usage', `option '--script-timeout' cannot be '${text}'`, { hint: 'give a number of seconds' });
}
