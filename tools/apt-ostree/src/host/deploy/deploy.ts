import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type Origin, originRefspec, type Refspec, requireHost, unchangedSince } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';
import { editsLayer } from '../change/edits-layer.ts';
import { keep } from '../change/keep.ts';
import { obtain } from '../change/obtain.ts';
import { requireNewer } from '../change/older.ts';
import { pinnedTo } from '../change/origins.ts';
import { LAYERING, refuseBoth, refuseLater, requireCommits } from '../change/refuse.ts';
import { finish, packageReport, requireRunning, unchanged } from '../change/report.ts';
import { changing, type Target } from '../change/target.ts';
import { registerDriver } from '../driver/driver.ts';
import { deployOnto } from '../layer/onto.ts';
import type { DeployArgs } from './command.ts';
import { findCommit } from './find-commit.ts';
import { parseRevision } from './revision.ts';

/** `deploy`: a commit of the branch that the deployment follows. */
export async function deploy(args: DeployArgs, context: Context): Promise<string | number | undefined> {
  refuseContradictions(args);
  const driver = args['register-driver'];
  if (driver !== undefined) {
    requireHost(args.sysroot);
    context.write(registerDriver(driver, args['driver-unit']));
    if ((args.revision ?? '') === '') return undefined; // an empty one is how rpm-ostree spells none
  }
  if (args.revision === undefined) throw new AotError('usage', 'missing argument REVISION', { hint: 'see --help' });
  const revision = parseRevision(args.revision);
  return changing(args, context, async (target) => {
    requireRunning(args, target.sysroot);
    const refspec = branchOf(target.base.origin, args);
    const commit = await findCommit(target.sysroot.repo, refspec, revision, context, {
      offline: args['cache-only'],
      skipBranchCheck: args['skip-branch-check'],
    });
    await unchangedSince(target.sysroot); // what is compared with may have been undeployed, and pruned
    requireNewerBase(args, target, commit);
    return args.preview ? preview(args, target, commit, context) : perform(args, target, refspec, commit, context);
  });
}

function refuseContradictions(args: DeployArgs): void {
  refuseBoth(args, 'reboot', 'preview', 'download-only');
  refuseBoth(args, 'preview', ...LAYERING);
  refuseBoth(args, 'cache-only', 'download-only');
  refuseLater(args, 'ex-cliwrap');
}

/** The branch whose history counts; a deployment that follows none has only commits. */
function branchOf(origin: Origin, args: DeployArgs): Refspec {
  requireCommits(origin);
  const refspec = originRefspec(origin);
  if (refspec !== undefined) return refspec;
  if (args['skip-branch-check'] && origin.refspec !== undefined) return { remote: undefined, branch: origin.refspec };
  throw new AotError('failed', 'cannot deploy: the origin of the deployment names no branch', {
    hint: "'apt-ostree rebase [REMOTE:]BRANCH' gives it one",
  });
}

function requireNewerBase(args: DeployArgs, { sysroot, base }: Target, commit: string): void {
  if (!args['disallow-downgrade']) return;
  const current = readCommit(sysroot.repo, baseCommit(sysroot, base));
  requireNewer(current, readCommit(sysroot.repo, commit), "without '--disallow-downgrade' it is accepted");
}

function preview(args: DeployArgs, target: Target, commit: string, context: Context): string | number {
  const report = packageReport(target, commit);
  return report === '' ? unchanged('No package changes.\n', args['unchanged-exit-77'], context) : report;
}

async function perform(
  args: DeployArgs,
  target: Target,
  refspec: Refspec,
  commit: string,
  context: Context,
): Promise<string | number | undefined> {
  const { sysroot, base } = target;
  await obtain(sysroot.repo, refspec.remote, commit, args['cache-only'], context);
  await unchangedSince(sysroot);
  const same = commit === baseCommit(sysroot, base) && base.origin.overrideCommit === commit;
  const none = () => unchanged('No change.\n', args['unchanged-exit-77'], context);
  if (same && !editsLayer(args)) return none();
  if (args['download-only'] && !args['skip-branch-check']) await keep(sysroot.repo, refspec, commit);
  const options = { offline: args['cache-only'], refresh: false };
  return deployOnto(target, commit, pinnedTo(base.origin, commit), args, options, context, (made) =>
    made === undefined ? none() : finish(packageReport(target, made), args, context),
  );
}
