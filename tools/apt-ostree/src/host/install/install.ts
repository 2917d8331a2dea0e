import type { Context } from '@apt-ostree/cli';
import { refuseBoth, refuseLater } from '../change/refuse.ts';
import { refuseContainerOptions } from '../layer/options.ts';
import { perform } from '../layer/perform.ts';
import { editingRequests } from '../layer/requests.ts';
import type { InstallArgs } from './command.ts';

/** `install`: layers packages. */
export async function install(args: InstallArgs, context: Context): Promise<string | number | undefined> {
  refuseContainerOptions(args);
  refuseBoth(args, 'reboot', 'dry-run', 'download-only');
  refuseBoth(args, 'cache-only', 'download-only');
  refuseLater(args, 'apply-live');
  const edit = {
    install: args.package,
    uninstall: args.uninstall,
    idempotent: args.idempotent,
    forceReplacefiles: args['force-replacefiles'],
  };
  const options = {
    edit: editingRequests(edit, context),
    offline: args['cache-only'],
    downloadOnly: args['download-only'],
  };
  return perform(args, options, context);
}
