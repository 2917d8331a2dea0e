import type { Context } from '@apt-ostree/cli';
import type { PackageDifference } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import { rememberUpdate } from '../cached-update.ts';
import { baseCommit } from '../change/base-commit.ts';
import { unchanged } from '../change/report.ts';
import type { Target } from '../change/target.ts';
import { countText } from '../package-text.ts';
import { advisoriesOf, running } from '../security.ts';
import { available } from './available.ts';
import { type ExpectedArgs, expectedDifference } from './expected.ts';

export interface FoundArgs extends ExpectedArgs {
  preview: boolean;
  'check-diff': boolean;
}

/**
 * Says what an upgrade would bring, and remembers it for `status`; 77 for nothing.
 * @param commit the newest base, which may be the one that is deployed
 */
export async function sayFound(
  target: Target,
  commit: string,
  args: FoundArgs,
  context: Context,
): Promise<string | number> {
  const { sysroot, stateroot, base } = target;
  const newer = commit === baseCommit(sysroot, base) ? undefined : commit;
  const difference = await expectedDifference(target, commit, args, context);
  const advisories = newer === undefined ? [] : await advisoriesOf(target, running(target), newer);
  const found = newer === undefined && !hasNews(difference) ? undefined : { commit: newer, difference, advisories };
  rememberUpdate(sysroot, stateroot, found);
  if (found === undefined) return unchanged('No updates available.\n', true, context);
  const info = newer === undefined ? undefined : readCommit(sysroot.repo, newer);
  return available({ commit: info, difference, advisories }, args.preview || args['check-diff']);
}

const hasNews = (difference: PackageDifference | undefined): boolean =>
  difference !== undefined && countText(difference) !== undefined;
