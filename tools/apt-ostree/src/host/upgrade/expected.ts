import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { changesPackages, comparePackages, type PackageDifference } from '@apt-ostree/host';
import { type CommittedPackage, readCommit } from '@apt-ostree/ostree';
import { baseCommit } from '../change/base-commit.ts';
import { differenceTo } from '../change/report.ts';
import type { Target } from '../change/target.ts';
import type { Plan } from '../layer/layer.ts';
import { type OntoArgs, planOnto } from '../layer/onto.ts';

type Packages = readonly Pick<CommittedPackage, 'name' | 'version' | 'architecture'>[];

export interface ExpectedArgs extends OntoArgs {
  'cache-only': boolean;
}

/**
 * What an upgrade to a base would change of the packages, with those that are layered. Of a newer base only the commit is
 * here, so what is layered is looked up on the base that is deployed.
 * @returns undefined where a commit lists no packages
 */
export async function expectedDifference(
  target: Target,
  commit: string,
  args: ExpectedArgs,
  context: Context,
): Promise<PackageDifference | undefined> {
  const { sysroot, base } = target;
  if (!changesPackages(base.origin)) return differenceTo(target, commit);
  const list = (sum: string) => readCommit(sysroot.repo, sum).packages;
  const [now, old, next] = [base.checksum, baseCommit(sysroot, base), commit].map(list);
  if (now === undefined || old === undefined || next === undefined) return undefined;
  const options = { offline: args['cache-only'], refresh: true, only: true };
  const work = async (plan: Plan) => comparePackages<Packages[number]>(now, withLayer(plan, old, next));
  return planOnto(target, baseCommit(sysroot, base), base.origin, args, options, context, work).catch((error) => {
    if (commit === baseCommit(sysroot, base) || !(error instanceof AotError)) throw error;
    context.warn(`what is layered is left out: ${error.message}`); // the newer base may be what it needs
    return comparePackages<Packages[number]>(old, next);
  });
}

/** Packages of a newer base with what is layered on the old one; a replacement only where there is something to replace. */
function withLayer({ layer }: Plan, old: Packages, next: Packages): Packages {
  if (layer === undefined) return next;
  const { packages, plan } = layer.packages;
  const inOld = new Set(old.map((p) => p.name));
  const inNext = new Set(next.map((p) => p.name));
  const gone = new Set([
    ...plan.flatMap((step) => (step.action === 'remove' ? step.packages.map((id) => id.split(':')[0] ?? '') : [])),
    ...packages.map((p) => p.name).filter((name) => inOld.has(name)),
  ]);
  const added = packages.filter((p) => inOld.has(p.name) === inNext.has(p.name));
  return [...next.filter((p) => !gone.has(p.name)), ...added];
}
