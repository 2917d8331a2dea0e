import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { parseHostImage } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';
import { requireNewer } from '../change/older.ts';
import { rebasedToImage } from '../change/origins.ts';
import { finish, packageReport, QUEUED } from '../change/report.ts';
import type { Target } from '../change/target.ts';
import { deployOnto } from '../layer/onto.ts';
import type { RebaseArgs } from '../rebase/command.ts';
import { importWith } from './import-with.ts';

/** `rebase` to a container image: its commit is deployed, and `upgrade` follows the image from then on. */
export async function rebaseToImage(
  text: string,
  args: RebaseArgs,
  target: Target,
  context: Context,
): Promise<string | undefined> {
  const { sysroot, base } = target;
  const image = parseHostImage(text);
  if (args.revision !== undefined)
    throw new AotError('usage', `surplus argument '${args.revision}': a version of an image is its tag or digest`, {
      hint: `as in '${text.replace(/(:[^:/]*)?$/, `:${args.revision}`)}'`,
    });
  if (base.origin.containerImageReference === image.reference)
    throw new AotError('failed', `Old and new refs are equal: ${image.reference}`, { code: 'same-ref' });
  const { commit } = await importWith(image, sysroot, args['cache-only'], context);
  if (args['disallow-downgrade'])
    requireNewer(
      readCommit(sysroot.repo, baseCommit(sysroot, base)),
      readCommit(sysroot.repo, commit),
      "without '--disallow-downgrade' it is accepted",
    );
  const custom = { url: args['custom-origin-url'], description: args['custom-origin-description'] };
  const origin = rebasedToImage(base.origin, image.reference, custom);
  const options = { offline: args['cache-only'], refresh: false };
  return deployOnto(target, commit, origin, args, options, context, (made) =>
    finish(packageReport(target, made ?? commit), args, context, QUEUED),
  );
}
