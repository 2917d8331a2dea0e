import type { Context } from '@apt-ostree/cli';
import { type HostImage, parseHostImage } from '@apt-ostree/host';
import type { Image } from '@apt-ostree/oci';
import { readCommit } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';
import { deployBase } from '../change/deploy-base.ts';
import { noteEtcConflicts } from '../change/etc.ts';
import { requireNewer } from '../change/older.ts';
import { pinnedTo } from '../change/origins.ts';
import { notYet, requireUnchangedBase } from '../change/refuse.ts';
import { finish, packageReport, unchanged } from '../change/report.ts';
import type { Target } from '../change/target.ts';
import type { UpgradeArgs } from '../upgrade/command.ts';
import { imageOf } from './deployed-image.ts';
import { differenceFrom, differenceText } from './difference.ts';
import { forgetOldImages } from './forget.ts';
import { importWith, requireVerifiable } from './import-with.ts';
import { lookAt } from './look.ts';

/** `upgrade` of a deployment that follows a container image: to what its reference names now. */
export async function upgradeImage(
  reference: string,
  args: UpgradeArgs,
  context: Context,
  target: Target,
): Promise<string | number | undefined> {
  if (args['cache-only']) throw notYet("'--cache-only' for a container image");
  const image = parseHostImage(reference);
  requireVerifiable(image);
  const now = await lookAt(image, context);
  const isSame = now.stored.digest === digestNow(target);
  if (args.preview || args['check-diff'] || args.check)
    return isSame ? unchanged('No updates available.\n', true, context) : available(target, now);
  requireUnchangedBase(target.base.origin);
  if (isSame) return unchanged('No upgrade available.\n', exit77(args), context);
  return perform(image, args, context, target, now);
}

const exit77 = (args: UpgradeArgs): boolean => args['unchanged-exit-77'] || args['upgrade-unchanged-exit-77'];

function digestNow({ sysroot, base }: Target): string | undefined {
  return imageOf(sysroot.repo, baseCommit(sysroot, base))?.digest;
}

const difference = ({ sysroot, base }: Target, { manifest }: Image): string =>
  differenceText(differenceFrom(sysroot.repo, baseCommit(sysroot, base), manifest));

const available = (target: Target, now: Image): string => `AvailableUpdate:\n${difference(target, now)}`;

async function perform(
  image: HostImage,
  args: UpgradeArgs,
  context: Context,
  target: Target,
  now: Image,
): Promise<string | number | undefined> {
  const { sysroot, base } = target;
  context.note(difference(target, now).trimEnd());
  const { commit } = await importWith(image, sysroot, context);
  if (commit === baseCommit(sysroot, base)) return unchanged('No upgrade available.\n', exit77(args), context);
  if (!args['allow-downgrade'])
    requireNewer(
      readCommit(sysroot.repo, baseCommit(sysroot, base)),
      readCommit(sysroot.repo, commit),
      "'--allow-downgrade' accepts it",
    );
  if (args['download-only']) return 'Update downloaded.\n';
  noteEtcConflicts(target, commit, context);
  const origin = pinnedTo(base.origin, undefined);
  await deployBase(target, { commit, origin, lockFinalization: args['lock-finalization'] }, context);
  await forgetOldImages(sysroot);
  return finish(packageReport(target, commit), args, context);
}
