import { AotError } from '@apt-ostree/errors';
import { type Sysroot, unchangedSince } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { admin } from './admin.ts';
import { change } from './change.ts';

interface UnlockArgs {
  sysroot: string;
  wait: boolean;
}

/** Lets a shutdown finalize the staged deployment. */
export async function unlockFinalization(args: UnlockArgs): Promise<DeploymentManifest> {
  return change(args, 'unlock-finalization', async (before) => {
    const staged = before.deployments.find((d) => d.staged);
    if (staged === undefined)
      throw new AotError('failed', 'no pending staged deployment found', { code: 'nothing-staged' });
    if (staged.finalizationLocked) await unlock(before);
    return { changed: staged.finalizationLocked, id: staged.id };
  });
}

export async function unlock(before: Sysroot): Promise<void> {
  await unchangedSince(before);
  await admin(before, ['lock-finalization', '--unlock'], { what: 'cannot unlock the staged deployment' });
}
