import { AotError } from '@apt-ostree/errors';
import type { Deployment, Edits } from '@apt-ostree/host';
import type { Target } from '../change/target.ts';
import type { KargsArgs } from './command.ts';

export const editsOf = (args: KargsArgs): Edits => ({
  append: args.append,
  replace: args.replace,
  delete: args.delete,
  appendIfMissing: args['append-if-missing'],
  deleteIfPresent: args['delete-if-present'],
});

/** The deployment that is meant: by its place in the boot order, or the next one. */
export function chosen({ sysroot, base }: Target, index: string | undefined): Deployment {
  if (index === undefined) return base;
  const found = /^\d+$/.test(index) ? sysroot.deployments[Number(index)] : undefined;
  if (found !== undefined) return found;
  throw new AotError('usage', `option '--deploy-index' cannot be '${index}'`, {
    hint: `there are deployments 0 to ${sysroot.deployments.length - 1}`,
  });
}
