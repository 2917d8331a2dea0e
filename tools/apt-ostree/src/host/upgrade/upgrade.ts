import type { Context } from '@apt-ostree/cli';
import { changesPackages, formatRefspec, type Refspec, readConfiguration, unchangedSince } from '@apt-ostree/host';
import { readCommit, resolveRevision } from '@apt-ostree/ostree';
import { CONFIGURATION } from '@apt-ostree/pipeline/configuration';
import { automaticPolicy } from '../automatic-policy.ts';
import { rememberUpdate } from '../cached-update.ts';
import { baseCommit } from '../change/base-commit.ts';
import { beside } from '../change/beside.ts';
import { editsLayer } from '../change/edits-layer.ts';
import { enterWhereNeeded, requireEntered } from '../change/enter.ts';
import { requireNewer } from '../change/older.ts';
import { pinnedTo } from '../change/origins.ts';
import { orRefBack, peek, pull } from '../change/pull.ts';
import { LAYERING, refuseBoth } from '../change/refuse.ts';
import { finish, packageReport, requireRunning, unchanged } from '../change/report.ts';
import type { StartedDeployment } from '../change/start-deployment.ts';
import { changing, type Target } from '../change/target.ts';
import type { UpgradeArgs } from './command.ts';
import { followed, requireConfigured } from './followed.ts';
import { isLibostrees } from './libostrees.ts';

/** `upgrade`: to the newest commit of the branch that the deployment follows. */
export async function upgrade(given: UpgradeArgs, context: Context): Promise<string | number | undefined> {
  const args = given['trigger-automatic-update-policy'] ? byPolicy(given) : given;
  if (args === undefined) return 'Automatic updates are not enabled; exiting...\n';
  refuseContradictions(args);
  return enterWhereNeeded(() => changing(args, context, (target) => upgradeOf(target, given, args, context)));
}

async function upgradeOf(
  target: Target,
  given: UpgradeArgs,
  args: UpgradeArgs,
  context: Context,
): Promise<string | number | undefined> {
  if (!isLibostrees(target, args)) requireEntered();
  if (!given['trigger-automatic-update-policy']) noteAutomatic(context);
  requireRunning(args, target.sysroot);
  requireConfigured(target.base.origin);
  const image = target.base.origin.containerImageReference;
  if (image !== undefined) return (await import('../image/upgrade.ts')).upgradeImage(image, args, context, target);
  const refspec = followed(target.base.origin);
  return isLook(args) ? look(args, context, target, refspec) : perform(args, context, target, refspec);
}

/** What the configuration says of automatic updates, as options; undefined for none. */
function byPolicy(args: UpgradeArgs): UpgradeArgs | undefined {
  const { automaticUpdatePolicy: policy } = readConfiguration(CONFIGURATION);
  if (policy === 'none') return undefined;
  return { ...args, check: policy === 'check', reboot: policy === 'apply' };
}

/** Who upgrades by hand may not know that it would have been done. */
function noteAutomatic(context: Context): void {
  const policy = automaticPolicy();
  if (policy === 'stage') context.note(`note: automatic updates (${policy}) are enabled`);
}

const isLook = (args: UpgradeArgs): boolean => args.preview || args['check-diff'] || args.check;

function refuseContradictions(args: UpgradeArgs): void {
  refuseBoth(args, 'reboot', 'preview', 'check-diff', 'check', 'download-only');
  refuseBoth(args, 'preview', ...LAYERING);
  refuseBoth(args, 'cache-only', 'download-only');
}

/** Says what an upgrade would bring; 77 for nothing. */
async function look(
  args: UpgradeArgs,
  context: Context,
  target: Target,
  refspec: Refspec,
): Promise<string | number | undefined> {
  const { repo } = target.sysroot;
  const { remote, branch } = refspec;
  const commit =
    remote === undefined || args['cache-only']
      ? resolveRevision(repo, formatRefspec(refspec))
      : await peek(repo, remote, branch, context);
  if (commit !== baseCommit(target.sysroot, target.base)) requireNewerBase(args, target, commit);
  return (await import('./found.ts')).sayFound(target, commit, args, context);
}

/** What works with a commit once it is here: loaded while libostree pulls, by a process that would only wait. */
const loadRest = () =>
  Promise.all([import('../layer/onto.ts'), import('../security.ts')]).then(([onto, security]) => ({
    ...onto,
    ...security,
  }));

async function perform(
  args: UpgradeArgs,
  context: Context,
  target: Target,
  refspec: Refspec,
): Promise<string | number | undefined> {
  const started = startEarly(args, context, target);
  try {
    const [commit, rest] = await Promise.all([newest(args, context, target, refspec), loadRest()]);
    return await deployNewest(commit, rest, await started, args, context, target);
  } finally {
    await (await started)?.abandon();
  }
}

/** What an upgrade of a base alone ends with can be started before it is known to which commit. */
async function startEarly(args: UpgradeArgs, context: Context, target: Target): Promise<StartedDeployment | undefined> {
  if (args['download-only'] || !isLibostrees(target, args)) return undefined;
  const settings = { origin: pinnedTo(target.base.origin, undefined), lockFinalization: args['lock-finalization'] };
  const { startDeployment } = await import('../change/start-deployment.ts');
  return startDeployment(target, settings, context);
}

async function deployNewest(
  commit: string,
  { advisoriesOf, deployOnto, running }: Awaited<ReturnType<typeof loadRest>>,
  started: StartedDeployment | undefined,
  args: UpgradeArgs,
  context: Context,
  target: Target,
): Promise<string | number | undefined> {
  const { sysroot, base } = target;
  const none = () => unchanged('No upgrade available.\n', exit77(args), context);
  const isNew = commit !== baseCommit(sysroot, base);
  if (!isNew && !changesPackages(base.origin) && !editsLayer(args)) return none();
  const origin = isNew ? pinnedTo(base.origin, undefined) : base.origin;
  const remember = async () => {
    const advisories = await advisoriesOf(target, running(target), commit);
    rememberUpdate(sysroot, target.stateroot, { commit, difference: undefined, advisories });
  };
  if (isNew && started === undefined) await remember(); // what is layered may fail to be
  const options = {
    ...{ offline: args['cache-only'], refresh: true },
    started: started && { ...started, deploy: (sum: string) => beside(started.deploy(sum), remember) },
  };
  return deployOnto(target, commit, origin, args, options, context, (made) =>
    made === undefined ? none() : finish(packageReport(target, made), args, context),
  );
}

/** What the branch names now, here with all its files; a branch that went back is left where it was. */
function newest(args: UpgradeArgs, context: Context, target: Target, refspec: Refspec): Promise<string> {
  const { sysroot, base } = target;
  const name = formatRefspec(refspec);
  return orRefBack(sysroot.repo, name, async () => {
    if (refspec.remote !== undefined && !args['cache-only'])
      await pull(sysroot.repo, refspec.remote, refspec.branch, context);
    await unchangedSince(sysroot); // what is compared with may have been undeployed, and pruned
    const commit = resolveRevision(sysroot.repo, name);
    if (commit !== baseCommit(sysroot, base)) requireNewerBase(args, target, commit);
    return commit;
  });
}

const exit77 = (args: UpgradeArgs): boolean => args['unchanged-exit-77'] || args['upgrade-unchanged-exit-77'];

function requireNewerBase(args: UpgradeArgs, { sysroot, base }: Target, commit: string): void {
  if (args['allow-downgrade']) return;
  const hint = "'--allow-downgrade' accepts it";
  requireNewer(readCommit(sysroot.repo, baseCommit(sysroot, base)), readCommit(sysroot.repo, commit), hint);
}
