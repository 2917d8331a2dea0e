import type { Context } from '@apt-ostree/cli';
import type { Origin } from '@apt-ostree/host';
import type { Target } from '../change/target.ts';
import { openHostCache } from './cache.ts';
import { changesBase, type LayerOptions, type Plan, planLayer, requireLocal } from './layer.ts';
import { editRequests } from './requests.ts';

/** What every command that changes the base takes besides: changes to what is layered. */
export interface OntoArgs {
  install: string[];
  uninstall: string[];
}

/** Whether a command that changes the base is to change what is layered too. */
export const editsLayer = ({ install, uninstall }: OntoArgs): boolean => install.length + uninstall.length > 0;

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
