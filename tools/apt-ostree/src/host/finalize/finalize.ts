import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { Deployment } from '@apt-ostree/host';
import { run } from '@apt-ostree/run';
import { changing } from '../change/target.ts';
import { deployWith } from '../deploy-with.ts';
import type { FinalizeArgs } from './command.ts';

/** `finalize-deployment`: unlocks what is staged, and reboots into it. */
export async function finalizeDeployment(args: FinalizeArgs, context: Context): Promise<undefined> {
  if (args.checksum === undefined && !args['allow-missing-checksum'])
    throw new AotError('usage', 'Must provide expected CHECKSUM or --allow-missing-checksum');
  return changing(args, context, async ({ sysroot, stateroot }) => {
    const staged = checked(sysroot.deployments[0], args);
    if (staged.finalizationLocked)
      await deployWith(context, [
        ...['finalize', `--sysroot=${sysroot.path}`, `--stateroot=${stateroot}`],
        staged.checksum,
      ]);
    await run('systemctl', ['reboot'], { what: 'cannot reboot' });
    return undefined;
  });
}

/** The staged deployment, if it is what is expected. */
function checked(first: Deployment | undefined, args: FinalizeArgs): Deployment {
  if (!first?.staged) throw new AotError('failed', 'No pending staged deployment found', { code: 'nothing-staged' });
  if (args.checksum !== undefined && args.checksum !== first.checksum)
    throw new AotError('failed', `Expected staged base checksum ${args.checksum}, but found ${first.checksum}`);
  if (!first.finalizationLocked && !args['allow-unlocked'])
    throw new AotError('failed', 'Staged deployment already unlocked', { hint: "'--allow-unlocked' goes on" });
  return first;
}
