import { AotError } from '@apt-ostree/errors';
import { chooseStateroot, type Deployment, type Sysroot } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { readCommit } from '@apt-ostree/ostree';
import { change, type Where } from './change.ts';
import { unlock } from './unlock-finalization.ts';

interface FinalizeArgs extends Where {
  stateroot: string | undefined;
  checksum: string | undefined;
  'allow-unlocked': boolean;
}

/** Unlocks the staged deployment when it is the expected one. */
export async function finalize(args: FinalizeArgs): Promise<DeploymentManifest> {
  if (args.checksum !== undefined && !/^[0-9a-f]{64}$/.test(args.checksum))
    throw new AotError('usage', `cannot use '${args.checksum}': it is no checksum of a commit`);
  return change(args, 'finalize', async (before) => {
    const staged = findStaged(before, chooseStateroot(before, args.stateroot));
    checkBase(before, staged, args.checksum);
    if (!staged.finalizationLocked && !args['allow-unlocked'])
      throw new AotError('failed', `the staged deployment '${staged.id}' is already unlocked`, {
        code: 'unlocked',
        hint: "'--allow-unlocked' goes on",
      });
    if (staged.finalizationLocked) await unlock(before);
    return { changed: staged.finalizationLocked, id: staged.id };
  });
}

function findStaged(sysroot: Sysroot, stateroot: string): Deployment {
  const staged = sysroot.deployments.find((d) => d.staged && d.stateroot === stateroot);
  if (staged !== undefined) return staged;
  throw new AotError('failed', `no pending staged deployment of '${stateroot}' found`, { code: 'nothing-staged' });
}

function checkBase(sysroot: Sysroot, staged: Deployment, expected: string | undefined): void {
  if (expected === undefined) return;
  const base = readCommit(sysroot.repo, staged.checksum).metadata['aptostree.base-commit'] ?? staged.checksum;
  if (base === expected) return;
  throw new AotError('failed', `expected staged base checksum '${expected}', but found '${base}'`, {
    code: 'another-base',
    hint: 'look at what is staged, and give its checksum',
  });
}
