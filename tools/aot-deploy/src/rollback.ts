import { AotError } from '@apt-ostree/errors';
import { chooseStateroot, type Deployment, type Sysroot, unchangedSince } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { admin } from './admin.ts';
import { change, type Where } from './change.ts';

interface RollbackArgs extends Where {
  stateroot: string | undefined;
}

/** Makes the other deployment the default: the one behind, or the booted one where another boots next. */
export async function rollback(args: RollbackArgs): Promise<DeploymentManifest> {
  return change(args, 'rollback', async (before) => {
    const next = chooseNext(before, chooseStateroot(before, args.stateroot));
    await unchangedSince(before);
    await admin(before, ['set-default', String(next.index)], { what: `cannot make '${next.id}' the default` });
    return { changed: true, id: next.id };
  });
}

/** @throws AotError `failed` when there is none, or a staged one would come first anyway */
export function chooseNext(sysroot: Sysroot, stateroot: string): Deployment {
  const own = sysroot.deployments.filter((d) => d.stateroot === stateroot);
  const staged = own.find((d) => d.staged);
  if (staged !== undefined)
    throw new AotError('failed', `cannot roll back: '${staged.id}' is staged and would come first`, {
      code: 'staged',
      hint: "remove it with 'aot-deploy cleanup --pending', and the next boot is what runs now",
    });
  const [first, second] = own;
  const next = first?.booted || sysroot.booted?.stateroot !== stateroot ? second : sysroot.booted;
  if (next !== undefined) return next;
  throw new AotError('failed', `cannot roll back: '${stateroot}' has no other deployment`, { code: 'no-rollback' });
}
