import type { Context } from '@apt-ostree/cli';
import { changesPackages, type HostImage, parseHostImage } from '@apt-ostree/host';
import type { Image } from '@apt-ostree/oci';
import { readCommit } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';
import { editsLayer } from '../change/edits-layer.ts';
import { requireNewer } from '../change/older.ts';
import { pinnedTo } from '../change/origins.ts';
import { finish, packageReport, unchanged } from '../change/report.ts';
import type { Target } from '../change/target.ts';
import { deployOnto } from '../layer/onto.ts';
import type { UpgradeArgs } from '../upgrade/command.ts';
import { sayFound } from '../upgrade/found.ts';
import { imageOf } from './deployed-image.ts';
import { differenceFrom, differenceText } from './difference.ts';
import { importWith } from './import-with.ts';
import { lookAt } from './look.ts';

/** `upgrade` of a deployment that follows a container image: to what its reference names now. */
export async function upgradeImage(
  reference: string,
  args: UpgradeArgs,
  context: Context,
  target: Target,
): Promise<string | number | undefined> {
  const image = parseHostImage(reference);
  const now = await lookAt(image, target.sysroot.repo, args['cache-only'], context);
  const isSame = now.stored.digest === digestNow(target);
  if (args.preview || args['check-diff'] || args.check)
    return isSame ? sayFound(target, baseCommit(target.sysroot, target.base), args, context) : available(target, now);
  if (isSame && !changesPackages(target.base.origin) && !editsLayer(args)) return none(args, context);
  if (!isSame) context.note(difference(target, now).trimEnd());
  return perform(image, args, context, target);
}

const none = (args: UpgradeArgs, context: Context): string | number =>
  unchanged('No upgrade available.\n', args['unchanged-exit-77'] || args['upgrade-unchanged-exit-77'], context);

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
): Promise<string | number | undefined> {
  const { sysroot, base } = target;
  const { commit } = await importWith(image, sysroot, args['cache-only'], context);
  const before = baseCommit(sysroot, base);
  if (!args['allow-downgrade'])
    requireNewer(readCommit(sysroot.repo, before), readCommit(sysroot.repo, commit), "'--allow-downgrade' accepts it");
  const origin = commit === before ? base.origin : pinnedTo(base.origin, undefined);
  const options = { offline: args['cache-only'], refresh: true };
  return deployOnto(target, commit, origin, args, options, context, (made) =>
    made === undefined ? none(args, context) : finish(packageReport(target, made), args, context),
  );
}
