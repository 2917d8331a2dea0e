import type { Context } from '@apt-ostree/cli';
import type { Origin } from '@apt-ostree/host';
import type { Target } from '../change/target.ts';
import { openHostCache } from './cache.ts';
import { deployLayer } from './deploy-layer.ts';
import { changesBase, downloadLayer, type LayerOptions, type Plan, planLayer, requireLocal } from './layer.ts';
import { editRequests } from './requests.ts';

/** What every command that changes the base takes besides: changes to what is layered. */
export interface OntoArgs {
  install: string[];
  uninstall: string[];
}

/** Whether a command that changes the base is to change what is layered too. */
export const editsLayer = ({ install, uninstall }: OntoArgs): boolean => install.length + uninstall.length > 0;

/** What such a command says of the deployment that it makes. */
export interface DeployOntoArgs extends OntoArgs {
  'download-only': boolean;
  'lock-finalization': boolean;
}

/**
 * Deploys a base with what an origin and the command line layer on it, or fetches what that needs.
 * @param report makes the command's result of the commit that is deployed; undefined is one that was there already
 */
export function deployOnto<T>(
  target: Target,
  base: string,
  origin: Origin,
  args: DeployOntoArgs,
  options: Omit<LayerOptions, 'only'>,
  context: Context,
  report: (commit: string | undefined) => T | Promise<T>,
): Promise<T | string> {
  const only = args['download-only'];
  return planOnto<T | string>(target, base, origin, args, { ...options, only }, context, async (plan) => {
    if (only) {
      await downloadLayer(plan);
      return 'Update downloaded.\n';
    }
    return report(await deployLayer(target, plan, { lockFinalization: args['lock-finalization'] }, context));
  });
}

/** Decides what a base and an origin come to, with the changes to the origin that the command line asks for. */
export async function planOnto<T>(
  target: Target,
  base: string,
  before: Origin,
  args: OntoArgs,
  options: LayerOptions,
  context: Context,
  work: (plan: Plan) => Promise<T>,
): Promise<T> {
  if (!editsLayer(args) && !changesBase(before)) return planLayer(target, base, before, options, context, work);
  const cachedir = openHostCache(target.sysroot);
  const edit = { install: args.install, uninstall: args.uninstall, idempotent: false };
  const { origin } = await editRequests(before, edit, cachedir, context);
  requireLocal(origin, cachedir);
  return planLayer(target, base, origin, options, context, work);
}
