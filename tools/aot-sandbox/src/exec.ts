import { execInTree } from '@apt-ostree/bwrap';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { givenEpoch } from '@apt-ostree/manifest';

interface ExecArgs {
  rootfs: string | undefined;
  write: boolean;
}

/** Runs a command in a tree; its exit code is ours. */
export async function exec(args: ExecArgs, context: Context): Promise<number> {
  if (args.rootfs === undefined) throw missing("option '--rootfs' is missing", 'give the tree with --rootfs DIR');
  if (context.rest.length === 0) throw missing('no command given', "put it behind '--', as in '-- dpkg -l'");
  return execInTree(args.rootfs, context.rest, { epoch: now(), write: args.write });
}

const now = (): number => givenEpoch() ?? Math.floor(Date.now() / 1000);

const missing = (message: string, hint: string): AotError => new AotError('usage', message, { hint });
