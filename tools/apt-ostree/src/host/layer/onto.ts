import type { Context } from '@apt-ostree/cli';
import { changesPackages, type Origin } from '@apt-ostree/host';
import { editsLayer } from '../change/edits-layer.ts';
import type { StartedDeployment } from '../change/start-deployment.ts';
import type { Target } from '../change/target.ts';
import { openHostCache } from '../host-cache.ts';
import { deployLayer } from './deploy-layer.ts';
import { downloadLayer, type LayerOptions, type Plan, planLayer, requireLocal } from './layer.ts';
import { editRequests } from './requests.ts';

/** What every command that changes the base takes besides: changes to what is layered. */
export interface OntoArgs {
  install: string[];
  uninstall: string[];
}

/** What such a command says of the deployment that it makes. */
export interface DeployOntoArgs extends OntoArgs {
  'download-only': boolean;
  'lock-finalization': boolean;
}

export interface DeployOntoOptions extends Omit<LayerOptions, 'only'> {
  /** An aot-deploy for this origin, which waits for the commit. */
  started?: StartedDeployment | undefined;
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
  { started, ...options }: DeployOntoOptions,
  context: Context,
  report: (commit: string | undefined) => T | Promise<T>,
): Promise<T | string> {
  const only = args['download-only'];
  return planOnto<T | string>(target, base, origin, args, { ...options, only }, context, async (plan) => {
    if (only) {
      await downloadLayer(plan);
      return 'Update downloaded.\n';
    }
    const next = { lockFinalization: args['lock-finalization'], started };
    return report(await deployLayer(target, plan, next, context));
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
  if (!editsLayer(args) && !changesPackages(before)) return planLayer(target, base, before, options, context, work);
  const cachedir = openHostCache(target.sysroot);
  const edit = { install: args.install, uninstall: args.uninstall, idempotent: false };
  const { origin } = await editRequests(before, edit, cachedir, context);
  requireLocal(origin, cachedir);
  return planLayer(target, base, origin, options, context, work);
}
