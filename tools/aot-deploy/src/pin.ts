import { AotError } from '@apt-ostree/errors';
import { unchangedSince } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { admin } from './admin.ts';
import { change } from './change.ts';
import { checkIndex, chooseIndex } from './choose-index.ts';

interface PinArgs {
  sysroot: string;
  wait: boolean;
  index: string;
}

export const pin = (args: PinArgs): Promise<DeploymentManifest> => setPin(args, true);
export const unpin = (args: PinArgs): Promise<DeploymentManifest> => setPin(args, false);

/** A pin stands in the origin file, which libostree writes. */
async function setPin(args: PinArgs, pinned: boolean): Promise<DeploymentManifest> {
  const verb = pinned ? 'pin' : 'unpin';
  checkIndex(args.index);
  return change(args, verb, async (before) => {
    const deployment = chooseIndex(before, args.index);
    if (deployment.staged)
      throw new AotError('failed', `cannot ${verb} '${deployment.id}': it is staged`, {
        code: 'staged',
        hint: 'it can be pinned after the next boot',
      });
    if (deployment.pinned === pinned) return { changed: false, id: deployment.id };
    await unchangedSince(before);
    const option = pinned ? [] : ['--unpin'];
    await admin(before, ['pin', ...option, args.index], { what: `cannot ${verb} '${deployment.id}'` });
    return { changed: true, id: deployment.id };
  });
}
