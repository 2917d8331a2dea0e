import { withSources } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { InstallArgs } from '../host/install/command.ts';
import { isFile } from '../host/layer/take-file.ts';
import type { RemoveArgs, ReplaceArgs } from '../host/override/command.ts';
import { notLocal } from '../host/override/edit-overrides.ts';
import type { UninstallArgs } from '../host/uninstall/command.ts';
import { type Change, changeRoot } from './change.ts';

type Done = Promise<string | number>;

/** `install` in a container. */
export const installHere = (args: InstallArgs, context: Context): Done =>
  change({ install: args.package, purge: args.uninstall, overwrite: args['force-replacefiles'] }, args, context);

/** `uninstall` in a container: what is not there any more leaves nothing behind, nor does what came for its sake alone. */
export function uninstallHere(args: UninstallArgs, context: Context): Done {
  if (args.all)
    throw new AotError('usage', "cannot use '--all' in a container: nothing tells its packages from the image's");
  return change({ install: args.install, purge: args.package }, args, context);
}

/** `override remove` in a container. */
export const removeHere = (args: RemoveArgs, context: Context): Done =>
  change({ install: args.install, remove: args.package, purge: args.uninstall, replace: args.replace }, args, context);

/** `override replace` in a container. */
export function replaceHere(args: ReplaceArgs, context: Context): Done {
  const { install, remove, uninstall: purge } = args;
  const repo = args.from?.slice('repo='.length);
  const replace = args.package.filter((word) => repo === undefined || isFile(word));
  const named = args.package.filter((word) => !replace.includes(word));
  const replaceFrom = repo === undefined ? [] : [{ repo, packages: named }];
  return change({ install, remove, purge, replace, replaceFrom }, args, context);
}

interface Args {
  'dry-run': boolean;
  'unchanged-exit-77'?: boolean;
  'cache-only'?: boolean;
  enablerepo?: string[];
  disablerepo?: string[];
}

const NOTHING = { install: [], remove: [], purge: [], replace: [], replaceFrom: [], overwrite: false };

/** Where nothing comes, nothing is downloaded. */
function change(of: Partial<Change>, args: Args, context: Context): Done {
  refuseOfHosts({ ...args });
  const all = { ...NOTHING, ...of };
  const wrong = all.replace.find((word) => !isFile(word));
  if (wrong !== undefined) throw notLocal(wrong);
  const isComing = all.install.length + all.replace.length + all.replaceFrom.length > 0;
  const offline = args['cache-only'] === true || !isComing;
  const exit77 = args['unchanged-exit-77'] ?? false;
  return withSources('/', { enable: args.enablerepo ?? [], disable: args.disablerepo ?? [] }, () =>
    changeRoot({ ...all, offline, dryRun: args['dry-run'], exit77 }, context),
  );
}

/** What only means something where deployments are. */
const OF_HOSTS = ['reboot', 'lock-finalization', 'apply-live', 'download-only', 'stateroot', 'freeze'];

function refuseOfHosts(args: Readonly<Record<string, unknown>>): void {
  const isGiven = (name: string) => (Array.isArray(args[name]) ? args[name].length > 0 : Boolean(args[name]));
  const host = OF_HOSTS.find(isGiven);
  if (host !== undefined)
    throw new AotError('usage', `cannot use '--${host}' in a container: its packages change at once`);
}
