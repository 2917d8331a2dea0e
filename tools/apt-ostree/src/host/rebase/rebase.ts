import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { formatRefspec, type Origin, originRefspec, type Refspec, unchangedSince } from '@apt-ostree/host';
import { readCommit, resolveRevision } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';
import { baseCommit } from '../change/base-commit.ts';
import { keep } from '../change/keep.ts';
import { obtain } from '../change/obtain.ts';
import { requireNewer } from '../change/older.ts';
import { rebasedTo } from '../change/origins.ts';
import { orRefBack, pull } from '../change/pull.ts';
import { refuseBoth } from '../change/refuse.ts';
import { finish, packageReport, QUEUED, requireRunning } from '../change/report.ts';
import { changing, type Target } from '../change/target.ts';
import { findCommit } from '../deploy/find-commit.ts';
import { parseRevision } from '../deploy/revision.ts';
import { rebaseToImage } from '../image/rebase.ts';
import { deployOnto } from '../layer/onto.ts';
import { type NewBase, newBase } from './base-of.ts';
import type { RebaseArgs } from './command.ts';
import { takeFrom } from './local-repository.ts';

/** `rebase`: to another branch, or to a commit. */
export async function rebase(args: RebaseArgs, context: Context): Promise<string | undefined> {
  refuseContradictions(args);
  return changing(args, context, async (target) => {
    requireRunning(args, target.sysroot);
    const { origin } = target.base;
    const old = originRefspec(origin);
    const base = newBase(args, old);
    if (base.kind === 'image') {
      const done = await rebaseToImage(base.reference, args, target, context);
      if (old !== undefined && !args['skip-purge'] && !args['download-only']) await purge(target.sysroot.repo, old);
      return done;
    }
    const chosen = await newer(base, old, args, target, context);
    const options = { offline: args['cache-only'], refresh: false };
    return deployOnto(target, chosen.commit, originFor(chosen, args, target), args, options, context, async (made) => {
      if (old !== undefined && base.kind === 'branch' && !args['skip-purge']) await purge(target.sysroot.repo, old);
      return finish(packageReport(target, made ?? chosen.commit), args, context, QUEUED);
    });
  });
}

function refuseContradictions(args: RebaseArgs): void {
  refuseBoth(args, 'reboot', 'download-only');
  refuseBoth(args, 'cache-only', 'download-only');
  if (args['custom-origin-url'] !== undefined && args['custom-origin-description'] === undefined)
    throw new AotError('usage', "cannot use '--custom-origin-url' without '--custom-origin-description'");
}

interface Chosen {
  commit: string;
  refspec: string;
  /** Stays there until an upgrade. */
  pin: string | undefined;
}

/** Fetches what the deployment is made of. */
async function choose(
  base: Exclude<NewBase, { kind: 'image' }>,
  old: Refspec | undefined,
  args: RebaseArgs,
  { sysroot }: Target,
  context: Context,
): Promise<Chosen> {
  const offline = args['cache-only'];
  if (base.kind !== 'branch' && args.revision !== undefined)
    throw new AotError('usage', `surplus argument '${args.revision}': the commit is named already`);
  if (base.kind === 'local') {
    const commit = await takeFrom(base.path, base.ref, sysroot.repo);
    return { commit, refspec: commit, pin: undefined };
  }
  if (base.kind === 'commit') {
    await obtain(sysroot.repo, old?.remote, base.checksum, offline, context);
    return { commit: base.checksum, refspec: base.checksum, pin: undefined };
  }
  const refspec = formatRefspec(base.refspec);
  const { remote, branch } = base.refspec;
  if (args.revision !== undefined) {
    const options = { offline, skipBranchCheck: false };
    const commit = await findCommit(sysroot.repo, base.refspec, parseRevision(args.revision), context, options);
    await obtain(sysroot.repo, remote, commit, offline, context);
    if (args['download-only']) await keep(sysroot.repo, base.refspec, commit);
    return { commit, refspec, pin: commit };
  }
  if (remote !== undefined && !offline) await pull(sysroot.repo, remote, branch, context);
  return { commit: resolveRevision(sysroot.repo, refspec), refspec, pin: undefined };
}

/** The same, if it is no older one where that is refused: a ref that was fetched for it is then as before. */
function newer(
  base: Exclude<NewBase, { kind: 'image' }>,
  old: Refspec | undefined,
  args: RebaseArgs,
  target: Target,
  context: Context,
): Promise<Chosen> {
  const chooseNewer = async () => {
    const chosen = await choose(base, old, args, target, context);
    await unchangedSince(target.sysroot); // what is compared with may have been undeployed, and pruned
    requireNewerBase(args, target, chosen.commit);
    return chosen;
  };
  return base.kind === 'branch'
    ? orRefBack(target.sysroot.repo, formatRefspec(base.refspec), chooseNewer)
    : chooseNewer();
}

function originFor({ refspec, pin }: Chosen, args: RebaseArgs, { base }: Target): Origin {
  const custom = { url: args['custom-origin-url'], description: args['custom-origin-description'] };
  return rebasedTo(base.origin, refspec, pin, custom);
}

function requireNewerBase(args: RebaseArgs, { sysroot, base }: Target, commit: string): void {
  if (!args['disallow-downgrade']) return;
  const current = readCommit(sysroot.repo, baseCommit(sysroot, base));
  requireNewer(current, readCommit(sysroot.repo, commit), "without '--disallow-downgrade' it is accepted");
}

/** Nothing follows the old branch any more; its commit stays as long as it is deployed. A branch of our own stays. */
async function purge(repo: string, old: Refspec): Promise<void> {
  if (old.remote === undefined) return;
  const refspec = formatRefspec(old);
  await run('ostree', ['refs', `--repo=${repo}`, '--delete', refspec], { what: `cannot remove ref '${refspec}'` });
}
