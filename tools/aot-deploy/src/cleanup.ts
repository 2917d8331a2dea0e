import { AotError } from '@apt-ostree/errors';
import { chooseStateroot, type Deployment, type Sysroot, unchangedSince } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { admin } from './admin.ts';
import { change, type Where } from './change.ts';

interface CleanupArgs extends Where {
  stateroot: string | undefined;
  base: boolean;
  pending: boolean;
  rollback: boolean;
}

/** Removes deployments that wait or were left behind, and what nothing refers to. */
export async function cleanup(args: CleanupArgs): Promise<DeploymentManifest> {
  if (!args.base && !args.pending && !args.rollback)
    throw new AotError('usage', 'at least one cleanup option must be specified', {
      hint: "'--base', '--pending', '--rollback'",
    });
  return change(args, 'cleanup', async (before) => {
    const going =
      args.pending || args.rollback ? superfluous(before, chooseStateroot(before, args.stateroot), args) : [];
    if (going.length > 0) await unchangedSince(before);
    for (const d of going) await admin(before, ['undeploy', String(d.index)], { what: `cannot remove '${d.id}'` });
    if (args.base) await admin(before, ['cleanup'], { what: `cannot clean up '${before.path}'` });
    return { changed: going.length > 0 };
  });
}

/** From the end, so that the places of the others stay as they are. */
export function superfluous(
  sysroot: Sysroot,
  stateroot: string,
  args: Pick<CleanupArgs, 'pending' | 'rollback'>,
): Deployment[] {
  const own = sysroot.deployments.filter((d) => d.stateroot === stateroot);
  const middle = sysroot.booted?.index ?? own[0]?.index ?? 0;
  const goes = (d: Deployment) => (d.index < middle && args.pending) || (d.index > middle && args.rollback);
  return own.filter((d) => goes(d) && !d.pinned && !d.booted).reverse();
}
