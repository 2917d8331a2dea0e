import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { isHere } from '../../container/here.ts';
import { applyPending } from '../apply-live/apply-pending.ts';
import { refuseBoth } from '../change/refuse.ts';
import { QUEUED } from '../change/report.ts';
import { refuseContainerOptions } from '../layer/options.ts';
import { perform } from '../layer/perform.ts';
import { editingRequests } from '../layer/requests.ts';
import { isFile } from '../layer/take-file.ts';
import type { InstallArgs } from './command.ts';

/** `install`: layers packages. */
export async function install(args: InstallArgs, context: Context): Promise<string | number | undefined> {
  if (isHere(args)) return (await import('../../container/commands.ts')).installHere(args, context);
  refuseContainerOptions(args);
  refuseBoth(args, 'reboot', 'dry-run', 'download-only');
  refuseBoth(args, 'cache-only', 'download-only');
  refuseBoth(args, 'apply-live', 'reboot', 'dry-run', 'download-only', 'lock-finalization');
  if (args['force-replacefiles'] && !args.package.some(isFile))
    throw new AotError('usage', "option '--force-replacefiles' is for packages from files", {
      hint: 'give a .deb file or its URL',
    });
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
  const done = await perform(args, options, context);
  const isDeployed = typeof done === 'string' && done.endsWith(QUEUED);
  return args['apply-live'] && isDeployed ? applyPending(context) : done;
}
