import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { isHere } from '../../container/here.ts';
import { refuseBoth } from '../change/refuse.ts';
import { refuseContainerOptions } from '../layer/options.ts';
import { perform } from '../layer/perform.ts';
import { editingRequests } from '../layer/requests.ts';
import type { UninstallArgs } from './command.ts';

/** `uninstall`: takes layered packages out. */
export async function uninstall(args: UninstallArgs, context: Context): Promise<string | number | undefined> {
  refuseBoth(args, 'reboot', 'dry-run');
  const words = args.package;
  if (args.all && words.length > 0) throw new AotError('usage', "cannot name packages with '--all'");
  if (!args.all && words.length === 0 && args.install.length === 0)
    throw new AotError('usage', 'missing argument PACKAGE', { hint: "name packages, or use '--all'" });
  if (isHere(args)) return (await import('../../container/commands.ts')).uninstallHere(args, context);
  refuseContainerOptions(args);
  const edit = { install: args.install, uninstall: words, all: args.all, idempotent: args.idempotent };
  return perform(args, { edit: editingRequests(edit, context), offline: args.install.length === 0 }, context);
}
