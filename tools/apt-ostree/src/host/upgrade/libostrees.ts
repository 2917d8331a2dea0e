import { isLayered } from '@apt-ostree/host';
import { editsLayer } from '../change/edits-layer.ts';
import type { Target } from '../change/target.ts';
import { isReadOnly } from '../change/writable.ts';
import { keepsOwn } from '../host-cache.ts';
import type { OntoArgs } from '../layer/onto.ts';

/**
 * True where an upgrade writes nothing to the sysroot but what libostree's own commands write, which enter a mount namespace
 * by themselves: where the base is deployed as it comes, and where /sysroot can be written or nothing of ours is kept there.
 */
export const isLibostrees = ({ sysroot, base: { origin } }: Target, args: OntoArgs): boolean =>
  !isLayered(origin) &&
  !editsLayer(args) &&
  origin.containerImageReference === undefined &&
  !(isReadOnly() && keepsOwn(sysroot));
