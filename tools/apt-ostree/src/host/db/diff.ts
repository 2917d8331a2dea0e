import { AotError } from '@apt-ostree/errors';
import {
  comparePackages,
  type Deployment,
  differenceRows,
  type PackageDifference,
  pendingDeployment,
  rollbackDeployment,
  type Sysroot,
} from '@apt-ostree/host';
import { type CommittedPackage, readCommit } from '@apt-ostree/ostree';
import { type Advisory, newOnes } from '../advisory.ts';
import { baseOf } from '../change/base-commit.ts';
import { advisoriesIn, advisorySection } from './advisories.ts';
import { changelogOf } from './changelog.ts';
import type { DiffArgs } from './command.ts';
import { blockForm, diffForm } from './forms.ts';
import { resolve } from './revision.ts';
import { label, type Named, openSource, type Source, withPackages } from './source.ts';

/** `db diff`: what differs between the packages of two commits. */
export async function diff(args: DiffArgs): Promise<string> {
  if (args.advisories && args.format === 'diff')
    throw new AotError('usage', "cannot specify both '--advisories' and '--format=diff'");
  if (args.changelogs && args.format === 'json')
    throw new AotError('usage', "cannot specify both '--changelogs' and '--format=json'");
  const source = await openSource(args);
  const [from, to] = ends(source, args).map((end) => load(source, end, args.base)) as [Named, Named];
  const difference = comparePackages(from.packages, to.packages);
  const advisories = (await advisoriesIn(source, args.advisories))(newOnes(difference));
  switch (args.format) {
    case 'json':
      return json(from, to, difference, advisories);
    case 'diff':
      return diffForm(difference);
    default:
      return block(source, from, to, difference, args.changelogs) + advisorySection(advisories, '  ');
  }
}

interface End {
  name: string;
  checksum: string;
}

function ends(source: Source, { from, to }: DiffArgs): [End, End] {
  if (from === undefined) return deploymentEnds(source);
  if (to === undefined) return [ofDeployment('booted deployment', requireBooted(source).booted), end(source, from)];
  return [end(source, from), end(source, to)];
}

const end = (source: Source, revision: string): End => ({ name: revision, checksum: resolve(source, revision) });
const ofDeployment = (name: string, { checksum }: Deployment): End => ({ name, checksum });

function deploymentEnds(source: Source): [End, End] {
  const { booted, sysroot } = requireBooted(source);
  const here = ofDeployment('booted deployment', booted);
  const pending = pendingDeployment(sysroot, booted.stateroot);
  if (pending) return [here, ofDeployment('pending deployment', pending)];
  const rollback = rollbackDeployment(sysroot, booted.stateroot);
  if (rollback) return [ofDeployment('rollback deployment', rollback), here];
  throw new AotError('failed', 'no pending or rollback deployment to diff against', { hint: 'name two revisions' });
}

function requireBooted({ repo, sysroot }: Source): { sysroot: Sysroot; booted: Deployment } {
  if (sysroot?.booted) return { sysroot, booted: sysroot.booted };
  throw new AotError('usage', `cannot compare with the booted deployment: nothing of '${sysroot?.path ?? repo}' runs`, {
    hint: 'name two revisions',
  });
}

function load({ repo }: Source, { name, checksum }: End, base: boolean): Named {
  const commit = readCommit(repo, checksum);
  return withPackages(name, base ? baseOf(commit, (sum) => readCommit(repo, sum)) : commit);
}

const json = (from: Named, to: Named, difference: PackageDifference, advisories: readonly Advisory[]): string =>
  `${JSON.stringify(
    {
      'ostree-commit-from': from.commit.checksum,
      'ostree-commit-to': to.commit.checksum,
      pkgdiff: differenceRows(difference),
      advisories,
    },
    null,
    2,
  )}\n`;

function block(
  { repo }: Source,
  from: Named,
  to: Named,
  difference: PackageDifference<CommittedPackage>,
  changelogs: boolean,
): string {
  const head = `ostree diff commit from: ${label(from)}\nostree diff commit to:   ${label(to)}\n`;
  return head + blockForm(difference, changelogs ? changelogOf(repo, to.commit.checksum) : undefined);
}
