import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { Deployment, Sysroot } from '@apt-ostree/host';
import { run } from '@apt-ostree/run';
import { baseCommit } from '../change/base-commit.ts';
import { changing } from '../change/target.ts';
import { deployWith } from '../deploy-with.ts';
import type { FinalizeArgs } from './command.ts';

/** `finalize-deployment`: unlocks what is staged, and reboots into it. */
export async function finalizeDeployment(args: FinalizeArgs, context: Context): Promise<undefined> {
  if (args.checksum === undefined && !args['allow-missing-checksum'])
    throw new AotError('usage', 'Must provide expected CHECKSUM or --allow-missing-checksum');
  return changing(args, context, async ({ sysroot, stateroot }) => {
    const staged = checked(sysroot, args);
    if (staged.finalizationLocked)
      await deployWith(context, sysroot, ['finalize', `--stateroot=${stateroot}`, baseCommit(sysroot, staged)]);
    await run('systemctl', ['reboot'], { what: 'cannot reboot' });
    return undefined;
  });
}

/** The staged deployment, if it is what is expected. */
function checked(sysroot: Sysroot, args: FinalizeArgs): Deployment {
  const [first] = sysroot.deployments;
  if (!first?.staged) throw new AotError('failed', 'No pending staged deployment found', { code: 'nothing-staged' });
  const base = baseCommit(sysroot, first);
  if (args.checksum !== undefined && args.checksum !== base)
    throw new AotError('failed', `Expected staged base checksum ${args.checksum}, but found ${base}`);
  if (!first.finalizationLocked && !args['allow-unlocked'])
    throw new AotError('failed', 'Staged deployment already unlocked', { hint: "'--allow-unlocked' goes on" });
  return first;
}
