import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import type { Deployment } from '@apt-ostree/host';
import { record } from '../change/deploy-base.ts';
import { finish, packageReport, requireRunning } from '../change/report.ts';
import { changing, type Target } from '../change/target.ts';
import { deployWith } from '../deploy-with.ts';
import type { RollbackArgs } from './command.ts';

/** `rollback`: swaps the default with what runs or ran before. */
export async function rollback(args: RollbackArgs, context: Context): Promise<string | undefined> {
  return changing(args, context, async (target) => {
    requireRunning(args, target.sysroot);
    const next = previous(target);
    const made = await deployWith(context, target.sysroot, ['rollback', `--stateroot=${target.stateroot}`]);
    await record(target, made, context);
    const moved = `Moving '${next.checksum}.${next.serial}' to be first deployment\n`;
    return finish(`${moved}${packageReport(target, next.checksum)}`, args, context);
  });
}

/** What a rollback makes the default. */
function previous({ sysroot, stateroot }: Target): Deployment {
  const own = sysroot.deployments.filter((d) => d.stateroot === stateroot);
  if (own[0]?.staged)
    throw new AotError('failed', 'Staged deployment (remove with cleanup -p)', {
      code: 'staged',
      hint: "'apt-ostree cleanup --pending' removes it; the booted deployment is the default then",
    });
  const [first, second] = own;
  const { booted } = sysroot;
  const next = booted !== undefined && booted.stateroot === stateroot && first?.id !== booted.id ? booted : second;
  if (next === undefined) throw new AotError('failed', 'cannot roll back: there is no other deployment');
  return next;
}
