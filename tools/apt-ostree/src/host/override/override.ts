import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { isHere } from '../../container/here.ts';
import { refuseBoth } from '../change/refuse.ts';
import { REBOOT_HINT } from '../change/report.ts';
import { perform } from '../layer/perform.ts';
import type { RemoveArgs, ReplaceArgs, ResetArgs } from './command.ts';
import { editingOverrides, type OverrideEdit } from './edit-overrides.ts';
import { freezing } from './freeze.ts';

type Done = Promise<string | number | undefined>;

const UNDO = `Use "apt-ostree override reset" to undo overrides\n${REBOOT_HINT}`;

const edits = (of: Partial<OverrideEdit>, args: { install: string[]; uninstall: string[] }): OverrideEdit => ({
  ...{ remove: [], replace: [], from: undefined, reset: [] },
  ...of,
  ...{ install: args.install, uninstall: args.uninstall },
});

/** `override replace`: other versions of packages of the base. */
export async function replace(args: ReplaceArgs, context: Context): Done {
  refuseBoth(args, 'reboot', 'dry-run');
  if ((args.freeze || args.from !== undefined) && !args.experimental)
    throw new AotError('usage', 'Must specify --experimental to use --freeze or --from');
  if (args.from !== undefined && !/^repo=[^,;]+$/.test(args.from))
    throw new AotError('usage', `option '--from' cannot be '${args.from}'`, { hint: 'give repo=SUITE' });
  if (args.freeze && args.from === undefined)
    throw new AotError('usage', "option '--freeze' needs '--from'", {
      hint: 'a package from a file stays that very file anyhow',
    });
  if (isHere(args)) return (await import('../../container/commands.ts')).replaceHere(args, context);
  const edit = edits({ replace: args.package, remove: args.remove, from: args.from }, args);
  const options = { edit: editingOverrides(edit, context), offline: args['cache-only'], ending: UNDO };
  return perform(args, args.freeze ? { ...options, pin: freezing(args.package) } : options, context);
}

/** `override remove`: the base without packages; without the network, unless something else is to come. */
export async function remove(args: RemoveArgs, context: Context): Done {
  refuseBoth(args, 'reboot', 'dry-run');
  if (isHere(args)) return (await import('../../container/commands.ts')).removeHere(args, context);
  const edit = edits({ remove: args.package, replace: args.replace }, args);
  const offline = args['cache-only'] || args.replace.length + args.install.length === 0;
  return perform(args, { edit: editingOverrides(edit, context), offline, ending: UNDO }, context);
}

/** `override reset`: the base's own packages again. */
export async function reset(args: ResetArgs, context: Context): Done {
  refuseBoth(args, 'reboot', 'dry-run');
  if (args.all && args.package.length > 0) throw new AotError('usage', 'Cannot specify PACKAGEs with --all');
  if (!args.all && args.package.length === 0)
    throw new AotError('usage', 'At least one PACKAGE must be specified', { hint: "name packages, or use '--all'" });
  if (isHere(args)) throw noReset();
  const edit = edits({ reset: args.all ? 'all' : args.package }, args);
  const offline = args['cache-only'] || args.install.length === 0;
  return perform(args, { edit: editingOverrides(edit, context), offline, ending: REBOOT_HINT }, context);
}

const noReset = (): AotError =>
  new AotError('failed', 'Resetting overrides is not supported in container mode', {
    code: 'no-reset',
    hint: 'build from the image again, without the override',
  });
