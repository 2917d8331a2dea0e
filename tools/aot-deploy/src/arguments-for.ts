import { editArguments, mergeDeployment, pendingDeployment, type Sysroot } from '@apt-ostree/host';

interface Asked {
  only: readonly string[];
  append: readonly string[];
  delete: readonly string[];
  /** Nothing is taken over. */
  fresh: boolean;
}

/**
 * The kernel arguments of a new deployment: those that are given, or those that the stateroot would boot with next, edited.
 * Libostree would take the booted ones, and forget what was changed since the boot.
 * @returns undefined where libostree's own choice is the same
 */
export function argumentsFor(sysroot: Sysroot, stateroot: string, asked: Asked): string[] | undefined {
  if (asked.only.length > 0) return [...asked.only];
  const merge = asked.fresh ? undefined : mergeDeployment(sysroot, stateroot);
  const next = asked.fresh ? undefined : (pendingDeployment(sysroot, stateroot) ?? merge);
  const edited = editArguments(next?.kernelArguments ?? [], { append: asked.append, delete: asked.delete });
  const same = merge !== undefined && edited.join('\n') === merge.kernelArguments.join('\n');
  return same || (merge === undefined && edited.length === 0) ? undefined : edited;
}
